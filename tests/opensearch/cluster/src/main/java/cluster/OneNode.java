package cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.index.reindex.ReindexPlugin;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * One OpenSearch node on loopback: HOME NAME HTTP_PORT TRANSPORT_PORTS NAMES PLUGINS, the last three as comma separated
 * lists, of which the last has the names of classes.
 *
 * It lives as long as its standard input is open, so that it never outlives whoever started it.
 */
public final class OneNode {

    private static final List<Class<? extends Plugin>> MODULES =
        List.of(Netty4Plugin.class, CommonAnalysisPlugin.class, ReindexPlugin.class, PainlessPlugin.class);

    /** A node takes its modules from the class path only by this constructor, which is protected. */
    private static final class Embedded extends Node {
        Embedded(Environment environment, Collection<Class<? extends Plugin>> modules) {
            super(environment, modules, true);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        String name = arguments[1];
        for (String folder : List.of("config", "data", "logs", "modules", "plugins")) {
            Files.createDirectories(home.resolve(folder));
        }
        Settings settings = settings(home, name, arguments[2], arguments[3].split(","), arguments[4].split(","));
        Environment environment =
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home.resolve("config"), () -> name);
        Node node = new Embedded(environment, modulesAnd(arguments[5]));
        Thread leash = new Thread(OneNode::awaitEndOfInput, "leash");
        leash.setDaemon(true);
        leash.start();
        try {
            node.start();
        } catch (Exception error) {
            error.printStackTrace();
            Runtime.getRuntime().halt(1); // its threads would keep it
        }
        leash.join();
    }

    private static Collection<Class<? extends Plugin>> modulesAnd(String plugins) throws ClassNotFoundException {
        Collection<Class<? extends Plugin>> all = new ArrayList<>(MODULES);
        for (String plugin : plugins.isEmpty() ? new String[0] : plugins.split(",")) {
            all.add(Class.forName(plugin).asSubclass(Plugin.class));
        }
        return all;
    }

    private static void awaitEndOfInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException error) {
            error.printStackTrace();
        }
        Runtime.getRuntime().halt(0);
    }

    private static Settings settings(Path home, String name, String http, String[] transports, String[] names) {
        int place = List.of(names).indexOf(name);
        List<String> seeds = List.of(transports).stream().map(port -> "127.0.0.1:" + port).toList();
        return Settings.builder()
            .put("path.home", home.toString())
            .put("path.data", home.resolve("data").toString())
            .put("path.logs", home.resolve("logs").toString())
            .put("path.repo", home.resolveSibling("snapshots").toString())
            .put("cluster.name", "vidindex-tests")
            .put("node.name", name)
            .putList("node.roles", "cluster_manager", "data", "ingest")
            .put("network.host", "127.0.0.1")
            .put("http.port", http)
            .put("transport.port", transports[place])
            .putList("discovery.seed_hosts", seeds)
            .putList("cluster.initial_cluster_manager_nodes", names)
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
    }

    private OneNode() {}
}
