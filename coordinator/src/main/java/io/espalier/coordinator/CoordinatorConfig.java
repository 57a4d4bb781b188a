package io.espalier.coordinator;

import io.espalier.coordinator.http.HttpConfig;
import io.espalier.platform.config.AllowedRoots;
import io.espalier.platform.config.Settings;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.TopicSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;

/**
 * @param artifacts folder or URI of the artifact store
 * @param instance  name that outlives the process, null for none
 * @param roots     what requests may name
 * @param folder    where relative paths of requests start
 * @param spareTasks how many tasks of each kind stand published beyond those that workers are at: more keep workers
 *                  busier with tiny tasks, fewer let an urgent job go ahead sooner
 * @param cache     whether the workers answer a task from an earlier equal one, so that waiting for equal work pays
 */
public record CoordinatorConfig(KafkaSettings kafka, TopicSettings topics, HttpConfig http, String artifacts,
        String instance, Path folder, AllowedRoots roots, int spareTasks, boolean cache) {
    private static final int DEFAULT_SPARE_TASKS = 1;

    /** @throws io.espalier.platform.config.SettingException if something is missing or wrong */
    public static CoordinatorConfig from(Settings settings) {
        HttpConfig http = HttpConfig.from(settings);
        return new CoordinatorConfig(KafkaSettings.from(settings), TopicSettings.from(settings), http,
                settings.required("artifacts"), settings.text("instance").orElse(instance(http)), Path.of("")
                        .toAbsolutePath(),
                AllowedRoots.from(settings),
                settings.integer("tasks.spare", DEFAULT_SPARE_TASKS, 1, 100_000), settings.flag("cache", true));
    }

    /** Host and port make a name that a restart on the same machine has again; without a fixed port there is none. */
    private static String instance(HttpConfig http) {
        try {
            return http.port() == 0 ? null : InetAddress.getLocalHost().getHostName() + "-" + http.port();
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
