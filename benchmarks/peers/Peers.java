import java.net.InetSocketAddress;

import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.californium.endpoint.CaliforniumServerEndpointsProvider;

/** Leshan's server as it comes, registrations in memory; or Californium's, which answers a POST to /rd or /dp with 2.04. */
public final class Peers {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    public static void main(String[] words) throws Exception {
        CoapConfig.register();
        System.out.println("ready " + (words[0].equals("leshan") ? leshan() : californium()));
        while (System.in.read() >= 0) {
            // until whoever started it closes its end
        }
        System.exit(0);
    }

    private static int leshan() {
        CaliforniumServerEndpointsProvider.Builder endpoints = new CaliforniumServerEndpointsProvider.Builder();
        endpoints.addEndpoint(ANY, Protocol.COAP);
        CaliforniumServerEndpointsProvider provider = endpoints.build();
        LeshanServer server = new LeshanServerBuilder().setEndpointsProviders(provider).build();
        server.start();
        return provider.getCoapServer().getEndpoints().get(0).getAddress().getPort();
    }

    private static int californium() {
        Configuration configuration = Configuration.createStandardWithoutFile();
        CoapServer server = new CoapServer(configuration);
        server.addEndpoint(new CoapEndpoint.Builder().setConfiguration(configuration).setInetSocketAddress(ANY).build());
        server.add(new Answering("rd"), new Answering("dp"));
        server.start();
        return server.getEndpoints().get(0).getAddress().getPort();
    }

    private static final class Answering extends CoapResource {
        Answering(String name) {
            super(name);
        }

        @Override
        public void handlePOST(CoapExchange exchange) {
            exchange.respond(CoAP.ResponseCode.CHANGED);
        }
    }
}
