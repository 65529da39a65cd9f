import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.Endpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.leshan.core.SecurityMode;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributeSet;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributes;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.observation.CompositeObservation;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.core.request.BootstrapDownlinkRequest;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.request.CreateRequest;
import org.eclipse.leshan.core.request.DeleteRequest;
import org.eclipse.leshan.core.request.DiscoverRequest;
import org.eclipse.leshan.core.request.DownlinkRequest;
import org.eclipse.leshan.core.request.ExecuteRequest;
import org.eclipse.leshan.core.request.ObserveRequest;
import org.eclipse.leshan.core.request.ReadRequest;
import org.eclipse.leshan.core.request.WriteAttributesRequest;
import org.eclipse.leshan.core.request.WriteRequest;
import org.eclipse.leshan.core.response.DiscoverResponse;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.response.ObserveCompositeResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig.ServerConfig;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig.ServerSecurity;
import org.eclipse.leshan.server.bootstrap.BootstrapFailureCause;
import org.eclipse.leshan.server.bootstrap.BootstrapSession;
import org.eclipse.leshan.server.bootstrap.BootstrapSessionAdapter;
import org.eclipse.leshan.server.bootstrap.InMemoryBootstrapConfigStore;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServer;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServerBuilder;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.CaliforniumBootstrapServerEndpointsProvider;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointsProvider;
import org.eclipse.leshan.server.californium.endpoint.coap.CoapServerProtocolProvider;
import org.eclipse.leshan.server.californium.endpoint.coaps.CoapsServerProtocolProvider;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coap.CoapBootstrapServerProtocolProvider;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coaps.CoapsBootstrapServerProtocolProvider;
import org.eclipse.leshan.server.model.StaticModelProvider;
import org.eclipse.leshan.server.observation.ObservationListener;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.eclipse.leshan.server.security.BootstrapSecurityStoreAdapter;
import org.eclipse.leshan.server.security.InMemorySecurityStore;
import org.eclipse.leshan.server.security.SecurityInfo;

/**
 * Leshan's LwM2M server and bootstrap server, plain and DTLS, on free ports of the loopback interface.
 *
 * Commands come as lines of words on standard input, what happens goes as lines of words to standard output.
 */
public final class Servers {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
    private static final long PATIENCE = 60_000;

    private final InMemorySecurityStore keys = new InMemorySecurityStore();
    private final InMemorySecurityStore bootstrapKeys = new InMemorySecurityStore();
    private final InMemoryBootstrapConfigStore accounts = new InMemoryBootstrapConfigStore();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final LeshanServer server;

    public static void main(String[] arguments) throws Exception {
        Servers servers = new Servers(arguments.length > 0 ? arguments[0] : "");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            try {
                servers.command(line.split("\t", -1));
            } catch (Exception error) {
                Lab.tell("error", line, error);
            }
        }
        System.exit(0);
    }

    private Servers(String suites) {
        CaliforniumServerEndpointsProvider.Builder endpoints = new CaliforniumServerEndpointsProvider.Builder(
                new CoapServerProtocolProvider(), new CoapsServerProtocolProvider());
        Configuration configuration = endpoints.createDefaultConfiguration();
        configure(configuration, suites);
        endpoints.setConfiguration(configuration);
        endpoints.addEndpoint(ANY, Protocol.COAP).addEndpoint(ANY, Protocol.COAPS);
        CaliforniumServerEndpointsProvider provider = endpoints.build();
        LeshanServerBuilder builder = new LeshanServerBuilder();
        builder.setObjectModelProvider(new StaticModelProvider(Lab.model()));
        builder.setSecurityStore(keys);
        server = builder.setEndpointsProviders(provider).build();
        server.getRegistrationService().addListener(new Registrations());
        server.getObservationService().addListener(new Notifications());
        provider.getCoapServer().add(new Packages());
        server.start();

        CaliforniumBootstrapServerEndpointsProvider.Builder more = new CaliforniumBootstrapServerEndpointsProvider.Builder(
                new CoapBootstrapServerProtocolProvider(), new CoapsBootstrapServerProtocolProvider());
        configuration = more.createDefaultConfiguration();
        configure(configuration, suites);
        more.setConfiguration(configuration);
        more.addEndpoint(ANY, Protocol.COAP).addEndpoint(ANY, Protocol.COAPS);
        CaliforniumBootstrapServerEndpointsProvider bootstrapProvider = more.build();
        LeshanBootstrapServer bootstrap = new LeshanBootstrapServerBuilder().setConfigStore(accounts)
                .setSecurityStore(new BootstrapSecurityStoreAdapter(bootstrapKeys))
                .setEndpointsProviders(bootstrapProvider).build();
        bootstrap.addListener(new Bootstraps());
        bootstrap.start();

        List<Object> ready = new ArrayList<>(Arrays.asList("ready"));
        ready.addAll(ports(provider.getCoapServer()));
        ready.addAll(ports(bootstrapProvider.getCoapServer()));
        Lab.tell(ready.toArray());
    }

    private static void configure(Configuration configuration, String suites) {
        configuration.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 1 << 20);
        configuration.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 6);
        if (!suites.isEmpty()) {
            configuration.set(DtlsConfig.DTLS_RECOMMENDED_CIPHER_SUITES_ONLY, false);
            configuration.setAsListFromText(DtlsConfig.DTLS_CIPHER_SUITES, suites);
        }
    }

    /** The plain one first. */
    private static List<Integer> ports(CoapServer coap) {
        Integer plain = null;
        Integer secure = null;
        for (Endpoint endpoint : coap.getEndpoints()) {
            if (endpoint.getUri().getScheme().equals("coaps")) {
                secure = endpoint.getAddress().getPort();
            } else {
                plain = endpoint.getAddress().getPort();
            }
        }
        return Arrays.asList(plain, secure);
    }

    private void command(String[] words) throws Exception {
        switch (words[0]) {
        case "known": // id; whatever was said before
            Lab.tell("known", words[1]);
            break;
        case "key": // endpoint, identity, key
            keys.add(SecurityInfo.newPreSharedKeyInfo(words[1], words[2], Lab.bytes(words[3])));
            break;
        case "bootstrap-key":
            bootstrapKeys.add(SecurityInfo.newPreSharedKeyInfo(words[1], words[2], Lab.bytes(words[3])));
            break;
        case "account": // endpoint, uri, lifetime, identity, key, format
            accounts.add(words[1], account(words));
            break;
        case "file": // name, path
            files.put(words[1], Files.readAllBytes(Paths.get(words[2])));
            break;
        case "cancel": // id, endpoint, path
            int count = server.getObservationService().cancelObservations(registration(words[2]), words[3]);
            Lab.tell("answer", words[1], count);
            break;
        default: // operation, id, endpoint, path, …
            send(words[1], words[2], request(words));
        }
    }

    private static BootstrapConfig account(String[] words) {
        BootstrapConfig config = new BootstrapConfig();
        config.toDelete = Arrays.asList("/0", "/1");
        config.contentFormat = Lab.format(words[6]);
        ServerConfig server = new ServerConfig();
        server.shortId = 123;
        server.lifetime = Integer.parseInt(words[3]);
        server.binding = BindingMode.parse("U");
        config.servers.put(0, server);
        ServerSecurity security = new ServerSecurity();
        security.uri = words[2];
        security.serverId = 123;
        security.securityMode = words[5].equals("-") ? SecurityMode.NO_SEC : SecurityMode.PSK;
        security.publicKeyOrId = words[4].equals("-") ? new byte[0] : words[4].getBytes();
        security.secretKey = Lab.bytes(words[5]);
        config.security.put(1, security);
        return config;
    }

    private static DownlinkRequest<? extends LwM2mResponse> request(String[] words) {
        String path = words[3];
        switch (words[0]) {
        case "read": // … format
            return new ReadRequest(Lab.format(words[4]), path);
        case "observe":
            return new ObserveRequest(Lab.format(words[4]), path);
        case "discover":
            return new DiscoverRequest(path);
        case "execute": // … arguments
            return new ExecuteRequest(path, words[4]);
        case "delete":
            return new DeleteRequest(path);
        case "attributes": // … pmin, pmax
            return new WriteAttributesRequest(path, new LwM2mAttributeSet(
                    LwM2mAttributes.create(LwM2mAttributes.MINIMUM_PERIOD, Long.valueOf(words[4])),
                    LwM2mAttributes.create(LwM2mAttributes.MAXIMUM_PERIOD, Long.valueOf(words[5]))));
        case "write": // … format, type, value
            return write(new LwM2mPath(path), Lab.format(words[4]), words[5], words[6]);
        case "update": // an instance, in part: format, resource, type, value
            LwM2mPath instance = new LwM2mPath(path);
            return new WriteRequest(WriteRequest.Mode.UPDATE, Lab.format(words[4]), instance.getObjectId(),
                    instance.getObjectInstanceId(), resource(Integer.parseInt(words[5]), words[6], words[7]));
        case "create": // an object: format, resource, type, value
            return new CreateRequest(Lab.format(words[4]), new LwM2mPath(path).getObjectId(),
                    resource(Integer.parseInt(words[5]), words[6], words[7]));
        default:
            throw new IllegalArgumentException(words[0]);
        }
    }

    private static WriteRequest write(LwM2mPath path, ContentFormat format, String type, String text) {
        return new WriteRequest(WriteRequest.Mode.REPLACE, format, path, resource(path.getResourceId(), type, text));
    }

    private static LwM2mResource resource(int id, String type, String text) {
        switch (type) {
        case "string":
            return LwM2mSingleResource.newStringResource(id, text);
        case "integer":
            return LwM2mSingleResource.newIntegerResource(id, Long.parseLong(text));
        case "boolean":
            return LwM2mSingleResource.newBooleanResource(id, Boolean.parseBoolean(text));
        case "opaque":
            return LwM2mSingleResource.newBinaryResource(id, Lab.bytes(text));
        case "opaques": // instance 0 of a multiple resource
            Map<Integer, byte[]> values = new HashMap<>();
            values.put(0, Lab.bytes(text));
            return LwM2mMultipleResource.newBinaryResource(id, values);
        default:
            throw new IllegalArgumentException(type);
        }
    }

    private Registration registration(String endpoint) {
        Registration registration = server.getRegistrationService().getByEndpoint(endpoint);
        if (registration == null) {
            throw new IllegalStateException(endpoint + " is not registered");
        }
        return registration;
    }

    private void send(String id, String endpoint, DownlinkRequest<? extends LwM2mResponse> request) {
        server.send(registration(endpoint), request, PATIENCE,
                response -> Lab.tell("answer", id, response.getCode().getCode(), content(response)),
                error -> Lab.tell("failed", id, error));
    }

    private static String content(LwM2mResponse response) {
        if (response instanceof DiscoverResponse && response.isSuccess()) {
            return Arrays.toString(((DiscoverResponse) response).getObjectLinks());
        }
        if (response instanceof ReadResponse && response.isSuccess()) { // an ObserveResponse is one too
            return Lab.text(((ReadResponse) response).getContent());
        }
        return String.valueOf(response.getErrorMessage());
    }

    private static final class Registrations implements RegistrationListener {
        @Override
        public void registered(Registration registration, Registration old, Collection<Observation> observations) {
            Lab.tell("registered", registration.getEndpoint(), registration.getLwM2mVersion(),
                    registration.getLifeTimeInSec(), BindingMode.toString(registration.getBindingMode()),
                    Arrays.toString(registration.getSortedObjectLinks()), registration.getLastEndpointUsed().getScheme());
        }

        @Override
        public void updated(RegistrationUpdate update, Registration registration, Registration old) {
            Lab.tell("updated", registration.getEndpoint(), registration.getLifeTimeInSec());
        }

        @Override
        public void unregistered(Registration registration, Collection<Observation> observations, boolean expired,
                Registration replacement) {
            Lab.tell("unregistered", registration.getEndpoint(), expired);
        }
    }

    private static final class Notifications implements ObservationListener {
        @Override
        public void newObservation(Observation observation, Registration registration) {
        }

        @Override
        public void cancelled(Observation observation) {
            Lab.tell("cancelled", ((SingleObservation) observation).getPath());
        }

        @Override
        public void onResponse(SingleObservation observation, Registration registration, ObserveResponse response) {
            Lab.tell("notified", registration.getEndpoint(), observation.getPath(), Lab.text(response.getContent()));
        }

        @Override
        public void onResponse(CompositeObservation observation, Registration registration,
                ObserveCompositeResponse response) {
        }

        @Override
        public void onError(Observation observation, Registration registration, Exception error) {
            Lab.tell("unreadable", registration == null ? "" : registration.getEndpoint(), error);
        }
    }

    private static final class Bootstraps extends BootstrapSessionAdapter {
        @Override
        public void onResponseError(BootstrapSession session,
                BootstrapDownlinkRequest<? extends LwM2mResponse> request, LwM2mResponse response) {
            Lab.tell("bootstrap-refused", session.getEndpoint(), request, response);
        }

        @Override
        public void end(BootstrapSession session) {
            Lab.tell("bootstrapped", session.getEndpoint());
        }

        @Override
        public void failed(BootstrapSession session, BootstrapFailureCause cause) {
            Lab.tell("bootstrap-failed", session.getEndpoint(), cause);
        }
    }

    /** /files/NAME: packages that a client pulls. */
    private final class Packages extends CoapResource {
        Packages() {
            super("files");
        }

        @Override
        public org.eclipse.californium.core.server.resources.Resource getChild(String name) {
            return files.containsKey(name) ? this : null;
        }

        @Override
        public void handleGET(CoapExchange exchange) {
            List<String> path = exchange.getRequestOptions().getUriPath();
            exchange.respond(CoAP.ResponseCode.CONTENT, files.get(path.get(path.size() - 1)), 42);
        }
    }
}
