import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.eclipse.californium.core.network.config.NetworkConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.cipher.CipherSuite;
import org.eclipse.leshan.client.californium.LeshanClient;
import org.eclipse.leshan.client.californium.LeshanClientBuilder;
import org.eclipse.leshan.client.object.Device;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.object.Server;
import org.eclipse.leshan.client.observer.LwM2mClientObserverAdapter;
import org.eclipse.leshan.client.resource.BaseInstanceEnabler;
import org.eclipse.leshan.client.resource.BaseInstanceEnablerFactory;
import org.eclipse.leshan.client.resource.LwM2mObjectEnabler;
import org.eclipse.leshan.client.resource.ObjectsInitializer;
import org.eclipse.leshan.client.resource.SimpleInstanceEnabler;
import org.eclipse.leshan.client.servers.ServerIdentity;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.core.request.BootstrapRequest;
import org.eclipse.leshan.core.request.DeregisterRequest;
import org.eclipse.leshan.core.request.RegisterRequest;
import org.eclipse.leshan.core.request.UpdateRequest;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.WriteResponse;
import org.eclipse.leshan.client.engine.DefaultRegistrationEngineFactory;

/**
 * Clients of Leshan 1 (LwM2M 1.0), as many as are asked for.
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
        case "start": // name, uri, "bootstrap" or lifetime, identity, key, cipher suites
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
                    : Security.noSecBootstap(words[2]));
            objects.setClassForObject(1, Server.class);
        } else {
            objects.setInstancesForObject(0, secure ? Security.psk(words[2], 123, words[4].getBytes(), Lab.bytes(words[5]))
                    : Security.noSec(words[2], 123));
            objects.setInstancesForObject(1, new Server(123, Long.parseLong(words[3]), BindingMode.U, false));
        }
        objects.setInstancesForObject(3, new Device("Leshan", "client", "1", "U"));
        objects.setInstancesForObject(19, new SimpleInstanceEnabler(0), new SimpleInstanceEnabler(1));
        objects.setFactoryForObject(33000, new BaseInstanceEnablerFactory() {
            @Override
            public BaseInstanceEnabler create() {
                return new Lab33000();
            }
        });
        objects.setInstancesForObject(33000, lab);
        List<LwM2mObjectEnabler> enablers = objects.create(0, 1, 3, 19, 33000);

        NetworkConfig configuration = LeshanClientBuilder.createDefaultNetworkConfig();
        configuration.set(NetworkConfig.Keys.MAX_RESOURCE_BODY_SIZE, 1 << 20);
        DtlsConnectorConfig.Builder dtls = new DtlsConnectorConfig.Builder();
        if (words.length > 6) {
            dtls.setRecommendedCipherSuitesOnly(false);
            dtls.setSupportedCipherSuites(CipherSuite.valueOf(words[6]));
        }
        client = new LeshanClientBuilder(name).setObjects(enablers).setLocalAddress("127.0.0.1", 0)
                .setCoapConfig(configuration).setDtlsConfig(dtls)
                .setRegistrationEngineFactory(new DefaultRegistrationEngineFactory().setRetryWaitingTimeInMs(1000))
                .build();
        client.addObserver(new Observer());
        client.start();
    }

    private final class Observer extends LwM2mClientObserverAdapter {
        @Override
        public void onBootstrapSuccess(ServerIdentity server, BootstrapRequest request) {
            Lab.tell("bootstrapped", name);
        }

        @Override
        public void onBootstrapFailure(ServerIdentity server, BootstrapRequest request, ResponseCode code, String message,
                Exception cause) {
            Lab.tell("bootstrap-failed", name, code, message, cause);
        }

        @Override
        public void onBootstrapTimeout(ServerIdentity server, BootstrapRequest request) {
            Lab.tell("bootstrap-failed", name, "time-out");
        }

        @Override
        public void onRegistrationSuccess(ServerIdentity server, RegisterRequest request, String id) {
            Lab.tell("registered", name, server.getUri(), id);
        }

        @Override
        public void onRegistrationFailure(ServerIdentity server, RegisterRequest request, ResponseCode code,
                String message, Exception cause) {
            Lab.tell("refused", name, code == null ? "" : code.getCode(), message, cause);
        }

        @Override
        public void onRegistrationTimeout(ServerIdentity server, RegisterRequest request) {
            Lab.tell("refused", name, "time-out");
        }

        @Override
        public void onUpdateSuccess(ServerIdentity server, UpdateRequest request) {
            Lab.tell("updated", name);
        }

        @Override
        public void onUpdateFailure(ServerIdentity server, UpdateRequest request, ResponseCode code, String message,
                Exception cause) {
            Lab.tell("update-refused", name, code == null ? "" : code.getCode());
        }

        @Override
        public void onDeregistrationSuccess(ServerIdentity server, DeregisterRequest request) {
            Lab.tell("deregistered", name);
        }

        @Override
        public void onUnexpectedError(Throwable error) {
            Lab.tell("unexpected", name, error);
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
        public WriteResponse write(ServerIdentity server, int resource, LwM2mResource value) {
            Lab.tell("written", name, getId(), resource, Lab.text(value));
            return super.write(server, resource, value);
        }

        @Override
        public ExecuteResponse execute(ServerIdentity server, int resource, String arguments) {
            Lab.tell("executed", name, getId(), resource, arguments == null ? "" : arguments);
            return ExecuteResponse.success();
        }

        @Override
        public void onDelete(ServerIdentity server) {
            Lab.tell("deleted", name, getId());
        }

        @Override
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            return new ArrayList<>(Arrays.asList(0, 1, 2, 3, 4, 5, 6));
        }
    }
}
