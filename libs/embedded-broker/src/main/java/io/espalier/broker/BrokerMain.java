package io.espalier.broker;

import io.espalier.platform.config.SettingException;
import io.espalier.platform.config.Settings;
import io.espalier.platform.process.ParentWatch;
import io.espalier.platform.process.ReadyLine;
import java.io.IOException;

/** The broker as a process of its own: {@code READY 127.0.0.1:PORT}, clean stop on SIGTERM. */
public final class BrokerMain {
    private BrokerMain() {}

    public static void main(String[] args) {
        try {
            Settings settings = Settings.fromEnv(System.getenv());
            ParentWatch.start(settings);
            EmbeddedBroker broker = EmbeddedBroker.start(BrokerSettings.from(settings));
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(broker::close));
            ReadyLine.print(broker.bootstrapServers());
            broker.awaitShutdown();
        } catch (SettingException | BrokerException | IOException e) {
            System.err.println("broker: " + e.getMessage());
            System.exit(1);
        }
    }
}
