package io.espalier.coordinator;

import io.espalier.platform.config.SettingException;
import io.espalier.platform.config.Settings;
import io.espalier.platform.kafka.ClusterNotReadyException;
import io.espalier.platform.process.ParentWatch;
import io.espalier.platform.process.ReadyLine;
import io.espalier.platform.trace.Tracing;
import java.io.IOException;

/** The coordinator as a process, configured by {@code ESPALIER_*}; prints {@code READY http://…} when it serves. */
public final class CoordinatorMain {
    private CoordinatorMain() {}

    public static void main(String[] args) throws InterruptedException {
        try {
            Settings settings = Settings.fromEnv(System.getenv());
            CoordinatorConfig config = CoordinatorConfig.from(settings);
            ParentWatch.start(settings);
            Tracing tracing = Tracing.from("espalier-coordinator", System.getenv());
            Coordinator coordinator = Coordinator.start(config, tracing, () -> Runtime.getRuntime().halt(1));
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
                coordinator.close();
                tracing.close();
            }));
            ReadyLine.print(coordinator.address());
        } catch (SettingException e) {
            fail(2, e.getMessage());
        } catch (ClusterNotReadyException | IOException e) {
            fail(1, e.getMessage());
        }
    }

    private static void fail(int status, String message) {
        System.err.println("espalier coordinator: " + message);
        System.exit(status);
    }
}
