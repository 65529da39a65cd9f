import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.leshan.client.LeshanClient;
import org.eclipse.leshan.client.LeshanClientBuilder;
import org.eclipse.leshan.client.californium.endpoint.CaliforniumClientEndpointsProvider;
import org.eclipse.leshan.client.californium.endpoint.coap.CoapClientProtocolProvider;
import org.eclipse.leshan.client.californium.endpoint.coaps.CoapsClientProtocolProvider;
import org.eclipse.leshan.client.object.Device;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.object.Server;
import org.eclipse.leshan.client.observer.LwM2mClientObserverAdapter;
import org.eclipse.leshan.client.resource.BaseInstanceEnabler;
import org.eclipse.leshan.client.resource.BaseInstanceEnablerFactory;
import org.eclipse.leshan.client.resource.LwM2mObjectEnabler;
import org.eclipse.leshan.client.resource.ObjectsInitializer;
import org.eclipse.leshan.client.resource.SimpleInstanceEnabler;
import org.eclipse.leshan.client.send.ManualDataSender;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.request.BootstrapRequest;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.request.DeregisterRequest;
import org.eclipse.leshan.core.request.RegisterRequest;
import org.eclipse.leshan.core.request.UpdateRequest;
import org.eclipse.leshan.core.request.argument.Arguments;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.core.response.WriteResponse;
import org.eclipse.leshan.client.engine.DefaultRegistrationEngineFactory;

/**
 * Clients of Leshan 2 (LwM2M 1.1), as many as are asked for.
 *
 * Commands come as lines of words on standard input, what happens goes as lines of words to standard output.
 */
public final class Client {
    private static final Map<String, Client> CLIENTS = new HashMap<>();

    private final String name;
    private final LeshanClient client;
    private final Lab33000 lab = new Lab33000();

    public static void main(String[] arguments) throws Exception {
        Lab.tell("ready");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            try {
                command(line.split("\t", -1));
            } catch (Exception error) {
                Lab.tell("error", line, error);
            }
        }
        System.exit(0);
    }

    private static void command(String[] words) throws Exception {
        switch (words[0]) {
        case "start": // name, uri, "bootstrap" or lifetime (Q: Queue Mode), identity, key, suites, bootstrap format, "firmware"
            CLIENTS.put(words[1], new Client(words));
            break;
        case "stop": // name: de-register and end
            CLIENTS.remove(words[1]).client.destroy(true);
            Lab.tell("stopped", words[1]);
            break;
        case "set": // name, resource, value of object 33000
            CLIENTS.get(words[1]).lab.set(Integer.parseInt(words[2]), words[3]);
            Lab.tell("set", words[1], words[3]);
            break;
        case "update":
            CLIENTS.get(words[1]).client.triggerRegistrationUpdate();
            break;
        case "send": // name, format, path …
            CLIENTS.get(words[1]).send(words);
            break;
        default:
            throw new IllegalArgumentException(words[0]);
        }
    }

    private Client(String[] words) throws Exception {
        name = words[1];
        boolean secure = !words[5].equals("-");
        ObjectsInitializer objects = new ObjectsInitializer(Lab.model());
        if (words[3].equals("bootstrap")) {
            objects.setInstancesForObject(0, secure
                    ? Security.pskBootstrap(words[2], words[4].getBytes(), Lab.bytes(words[5]))
                    : Security.noSecBootstrap(words[2]));
            objects.setClassForObject(1, Server.class);
        } else {
            objects.setInstancesForObject(0, secure ? Security.psk(words[2], 123, words[4].getBytes(), Lab.bytes(words[5]))
                    : Security.noSec(words[2], 123));
            objects.setInstancesForObject(1, new Server(123, Long.parseLong(words[3].replace("Q", ""))));
        }
        objects.setInstancesForObject(3, new Device("Leshan", "client", "2"));
        objects.setInstancesForObject(19, new SimpleInstanceEnabler(0), new SimpleInstanceEnabler(1));
        objects.setFactoryForObject(33000, new BaseInstanceEnablerFactory() {
            @Override
            public BaseInstanceEnabler create() {
                return new Lab33000();
            }
        });
        objects.setInstancesForObject(33000, lab);
        List<LwM2mObjectEnabler> enablers;
        if (words.length > 8) { // "firmware"
            objects.setFactoryForObject(5, new BaseInstanceEnablerFactory() {
                @Override
                public BaseInstanceEnabler create() {
                    return new Firmware();
                }
            });
            objects.setInstancesForObject(5, new Firmware());
            enablers = objects.create(0, 1, 3, 5, 19, 33000);
        } else {
            enablers = objects.create(0, 1, 3, 19, 33000);
        }

        CaliforniumClientEndpointsProvider.Builder endpoints = new CaliforniumClientEndpointsProvider.Builder(
                new CoapClientProtocolProvider(), new CoapsClientProtocolProvider());
        Configuration configuration = endpoints.createDefaultConfiguration();
        configuration.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 1 << 20);
        configuration.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0); // used towards a server that wants one
        if (words.length > 6 && !words[6].equals("-")) {
            configuration.set(DtlsConfig.DTLS_RECOMMENDED_CIPHER_SUITES_ONLY, false);
            configuration.setAsListFromText(DtlsConfig.DTLS_CIPHER_SUITES, words[6]);
        }
        endpoints.setConfiguration(configuration);
        endpoints.setClientAddress(InetAddress.getLoopbackAddress());
        DefaultRegistrationEngineFactory engine = new DefaultRegistrationEngineFactory().setRetryWaitingTimeInMs(1000);
        engine.setQueueMode(words[3].endsWith("Q"));
        if (words.length > 7 && !words[7].equals("-")) {
            engine.setPreferredContentFormat(ContentFormat.fromName(words[7]));
        }
        client = new LeshanClientBuilder(name).setObjects(enablers).setEndpointsProviders(endpoints.build())
                .setDataSenders(new ManualDataSender())
                .setRegistrationEngineFactory(engine).build();
        client.addObserver(new Observer());
        client.start();
    }

    private void send(String[] words) {
        LwM2mServer server = client.getRegisteredServers().values().iterator().next();
        List<String> paths = new ArrayList<>(Arrays.asList(words).subList(3, words.length));
        client.getSendService().sendData(server, ContentFormat.fromName(words[2]), paths, 20_000,
                response -> Lab.tell("sent", name, response.getCode().getCode()),
                error -> Lab.tell("unsent", name, error));
    }

    private final class Observer extends LwM2mClientObserverAdapter {
        @Override
        public void onBootstrapSuccess(LwM2mServer server, BootstrapRequest request) {
            Lab.tell("bootstrapped", name);
        }

        @Override
        public void onBootstrapFailure(LwM2mServer server, BootstrapRequest request, ResponseCode code, String message,
                Exception cause) {
            Lab.tell("bootstrap-failed", name, code, message, cause);
        }

        @Override
        public void onBootstrapTimeout(LwM2mServer server, BootstrapRequest request) {
            Lab.tell("bootstrap-failed", name, "time-out");
        }

        @Override
        public void onRegistrationSuccess(LwM2mServer server, RegisterRequest request, String id) {
            Lab.tell("registered", name, server.getUri(), id);
        }

        @Override
        public void onRegistrationFailure(LwM2mServer server, RegisterRequest request, ResponseCode code,
                String message, Exception cause) {
            Lab.tell("refused", name, code == null ? "" : code.getCode(), message, cause);
        }

        @Override
        public void onRegistrationTimeout(LwM2mServer server, RegisterRequest request) {
            Lab.tell("refused", name, "time-out");
        }

        @Override
        public void onUpdateSuccess(LwM2mServer server, UpdateRequest request) {
            Lab.tell("updated", name);
        }

        @Override
        public void onUpdateFailure(LwM2mServer server, UpdateRequest request, ResponseCode code, String message,
                Exception cause) {
            Lab.tell("update-refused", name, code == null ? "" : code.getCode());
        }

        @Override
        public void onDeregistrationSuccess(LwM2mServer server, DeregisterRequest request) {
            Lab.tell("deregistered", name);
        }

        @Override
        public void onUnexpectedError(Throwable error) {
            Lab.tell("unexpected", name, error);
        }
    }

    /** Object 5, for Leshan has none: what is fetched (with Californium) or written is version 2.4.1. */
    public final class Firmware extends BaseInstanceEnabler {
        private volatile long state = 0;
        private volatile long result = 0;
        private volatile String version = "1.0.7";

        @Override
        public ReadResponse read(LwM2mServer server, int resource) {
            switch (resource) {
            case 3:
                return ReadResponse.success(3, state);
            case 5:
                return ReadResponse.success(5, result);
            case 7:
                return ReadResponse.success(7, version);
            case 9:
                return ReadResponse.success(9, 2L);
            default:
                return ReadResponse.notFound();
            }
        }

        @Override
        public WriteResponse write(LwM2mServer server, boolean replace, int resource, LwM2mResource value) {
            if (resource == 1 && ((String) value.getValue()).isEmpty()) {
                move(0);
                return WriteResponse.success();
            }
            if (state != 0 || resource > 1) {
                return WriteResponse.badRequest("not now");
            }
            result = 0;
            move(1);
            if (resource == 1) {
                new Thread(() -> fetch((String) value.getValue())).start();
            } else {
                fetched((byte[]) value.getValue());
            }
            return WriteResponse.success();
        }

        @Override
        public ExecuteResponse execute(LwM2mServer server, int resource, Arguments arguments) {
            move(3);
            new Thread(() -> {
                result = 1;
                version = "2.4.1";
                fireResourceChange(5);
                move(0);
            }).start();
            return ExecuteResponse.success();
        }

        private void fetch(String uri) {
            try {
                CoapResponse found = new CoapClient(uri).get();
                fetched(found == null ? new byte[0] : found.getPayload());
            } catch (Exception error) {
                Lab.tell("error", name, error);
                fetched(new byte[0]);
            }
        }

        private void fetched(byte[] content) {
            Lab.tell("package", name, content.length);
            if (content.length == 0) {
                result = 7;
                fireResourceChange(5);
            }
            move(content.length == 0 ? 0 : 2);
        }

        private void move(long to) {
            state = to;
            fireResourceChange(3);
        }

        @Override
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            return new ArrayList<>(Arrays.asList(0, 1, 2, 3, 5, 7, 9));
        }
    }

    /** An instance of our object: what is written and executed is told. */
    public final class Lab33000 extends SimpleInstanceEnabler {
        Lab33000() {
            Map<Integer, Object> values = new HashMap<>();
            values.put(0, "text");
            values.put(1, 42L);
            values.put(2, 21.5);
            values.put(3, true);
            values.put(4, new byte[] { 1, 2, (byte) 0xff });
            initialValues = values;
        }

        void set(int resource, String text) {
            Object value = resource == 1 ? (Object) Long.valueOf(text) : resource == 2 ? Double.valueOf(text) : text;
            Map<Integer, Object> values = new HashMap<>();
            values.put(resource, value);
            fireResourcesChange(applyValues(values));
        }

        @Override
        public WriteResponse write(LwM2mServer server, boolean replace, int resource, LwM2mResource value) {
            Lab.tell("written", name, getId(), resource, Lab.text(value));
            return super.write(server, replace, resource, value);
        }

        @Override
        public ExecuteResponse execute(LwM2mServer server, int resource, Arguments arguments) {
            Lab.tell("executed", name, getId(), resource, arguments.serialize() == null ? "" : new String(arguments.serialize()));
            return ExecuteResponse.success();
        }

        @Override
        public void onDelete(LwM2mServer server) {
            Lab.tell("deleted", name, getId());
        }

        @Override
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            return new ArrayList<>(Arrays.asList(0, 1, 2, 3, 4, 5, 6));
        }
    }
}
