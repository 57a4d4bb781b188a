package io.espalier.broker;

import io.espalier.platform.config.Settings;
import java.nio.file.Path;

/**
 * @param data folder that keeps everything: records, groups, the ports
 * @param port       port for clients; 0 means the one of the last start, or any free one at the first
 * @param advertised port that clients are told to come to, where something stands between; 0 means {@code port}
 */
record BrokerSettings(Path data, int port, int advertised) {
    static BrokerSettings from(Settings settings) {
        return new BrokerSettings(Path.of(settings.required("data")).toAbsolutePath(),
                settings.integer("broker.port", 0, 0, 65_535), settings.integer("broker.advertised.port", 0, 0,
                        65_535));
    }
}
