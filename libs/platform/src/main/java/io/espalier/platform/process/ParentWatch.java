package io.espalier.platform.process;

import io.espalier.platform.config.SettingException;
import io.espalier.platform.config.Settings;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends this process when the one that started it has gone, however it went, so that a killed launcher leaves nothing
 * behind. The parent is named by {@code ESPALIER_PARENT_PID}; without it there is nothing to watch.
 */
public final class ParentWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ParentWatch.class);
    /** What a clean stop may take before the process is ended the hard way. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    private ParentWatch() {}

    /** Watches the parent; when it has gone, {@code System.exit} runs the shutdown hooks. */
    public static void start(Settings settings) {
        start(settings, ParentWatch::exit);
    }

    static void start(Settings settings, Runnable onGone) {
        settings.text("parent.pid").ifPresent(text -> {
            long pid = parse(settings, text);
            ProcessHandle.of(pid).ifPresentOrElse(parent -> parent.onExit().thenRun(() -> gone(pid, onGone)),
                    () -> gone(pid, onGone));
        });
    }

    private static long parse(Settings settings, String text) throws SettingException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw settings.refused("parent.pid", "write a process id");
        }
    }

    private static void gone(long pid, Runnable onGone) {
        LOG.atWarn().addKeyValue("parent", pid).log("parent process has gone: stopping");
        Thread.ofPlatform().name("parent-gone").start(onGone);
    }

    private static void exit() {
        Thread.ofPlatform().daemon().name("parent-gone-halt").start(() -> {
            try {
                Thread.sleep(GRACE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Runtime.getRuntime().halt(1);
        });
        System.exit(0);
    }
}
