package io.espalier.platform.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.platform.config.SettingException;
import io.espalier.platform.config.Settings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProcessTest {
    @Test
    void noticesThatTheParentHasGone() throws Exception {
        Process parent = new ProcessBuilder("sleep", "60").start();
        var gone = new CountDownLatch(1);
        ParentWatch.start(Settings.fromEnv(Map.of("ESPALIER_PARENT_PID", Long.toString(parent.pid()))),
                gone::countDown);
        assertThat(gone.getCount()).isEqualTo(1);
        parent.destroyForcibly();
        assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aParentThatHasGoneBeforeIsGone() throws Exception {
        Process parent = new ProcessBuilder("true").start();
        parent.waitFor();
        var gone = new CountDownLatch(1);
        ParentWatch.start(Settings.fromEnv(Map.of("ESPALIER_PARENT_PID", Long.toString(parent.pid()))),
                gone::countDown);
        assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aParentMustBeANumber() {
        Settings settings = Settings.fromEnv(Map.of("ESPALIER_PARENT_PID", "mother"));
        assertThatThrownBy(() -> ParentWatch.start(settings, () -> {})).isInstanceOf(SettingException.class)
                .hasMessageContaining("ESPALIER_PARENT_PID");
    }

    @Test
    void aPortThatIsHeldIsNotFree() throws Exception {
        try (var holder = new ServerSocket()) {
            holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            assertThat(Ports.isFree(holder.getLocalPort())).isFalse();
        }
        assertThat(Ports.isFree(Ports.free())).isTrue();
    }

    @Test
    void theReadyLineIsOneLine() {
        var bytes = new ByteArrayOutputStream();
        ReadyLine.print(new PrintStream(bytes, true, UTF_8), "eval-1", "http://127.0.0.1:1");
        assertThat(bytes.toString(UTF_8)).isEqualTo("READY eval-1 http://127.0.0.1:1" + System.lineSeparator());
    }
}
