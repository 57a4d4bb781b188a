package io.espalier.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalStackTest {
    private static final String SERVE = "; exec sleep 1000";
    private static final Map<Program, String> SCRIPTS = Map.of(Program.BROKER, "echo READY 127.0.0.1:9" + SERVE,
            Program.COORDINATOR, "echo noise; echo READY http://127.0.0.1:7" + SERVE, Program.SCORING_WORKER,
            "echo READY s" + SERVE, Program.GPU_WORKER, "echo READY g $ESPALIER_KAFKA_BOOTSTRAP_SERVERS" + SERVE,
            Program.EVAL_WORKER, "echo READY e" + SERVE);

    @TempDir
    Path data;

    private final List<String> notices = new CopyOnWriteArrayList<>();

    @Test
    void startsAllAndLeavesNothingBehind() throws Exception {
        LocalStack stack = start(Map.of());

        assertThat(stack.bootstrapServers()).isEqualTo("127.0.0.1:9");
        assertThat(stack.server()).isEqualTo(URI.create("http://127.0.0.1:7"));
        List<Long> pids = stack.pids();
        assertThat(pids).hasSize(6);
        assertThat(data.resolve("logs/gpu-worker-2.log")).content().contains("READY g 127.0.0.1:9");
        assertThat(data.resolve("logs/coordinator.log")).content().contains("noise");

        stack.close();
        assertThat(pids).noneMatch(LocalStackTest::isAlive);
        assertThat(stack.givenUp()).isNotDone();
        assertThat(notices).isEmpty();
    }

    @Test
    void startsADeadProcessAgainAndSaysSo() throws Exception {
        try (LocalStack stack = start(Map.of())) {
            long worker = stack.pids().getLast();

            ProcessHandle.of(worker).orElseThrow().destroyForcibly();

            await().until(() -> stack.pids().size() == 6 && !stack.pids().contains(worker));
            assertThat(notices).containsExactly("eval-worker-1 ended (signal 9); starting it again");
        }
    }

    @Test
    void givesUpOnAProcessThatKeepsDying() throws Exception {
        try (LocalStack stack = start(Map.of(Program.SCORING_WORKER, "echo READY s; echo reason >&2; exit 3"))) {
            StackException reason = stack.givenUp().get(30, TimeUnit.SECONDS);

            assertThat(reason).hasMessageContaining("scoring-worker-1").hasMessageContaining("status 3")
                    .hasMessageContaining("giving up").hasMessageContaining("reason");
            assertThat(notices).hasSize(5);
        }
    }

    @Test
    void showsTheLogOfAProcessThatDoesNotStartAndStopsTheOthers() throws Exception {
        Path pids = Files.createFile(data.resolve("pids"));
        String note = "echo $$ >> '" + pids + "'; ";
        Map<Program, String> scripts = Map.of(Program.BROKER, note + SCRIPTS.get(Program.BROKER), Program.EVAL_WORKER,
                note + SCRIPTS.get(Program.EVAL_WORKER), Program.COORDINATOR, "echo no disk left >&2; exit 1");

        assertThatThrownBy(() -> start(scripts)).isInstanceOf(StackException.class)
                .hasMessageContaining("coordinator ended before it was ready (status 1)")
                .hasMessageContaining("no disk left");
        assertThat(Files.readAllLines(pids)).isNotEmpty().noneMatch(pid -> isAlive(Long.parseLong(pid)));
    }

    @Test
    void childrenDoNotFeelTheTerminalsInterrupt() throws Exception {
        try (LocalStack stack = start(Map.of())) {
            long broker = stack.pids().getFirst();

            int status = new ProcessBuilder("kill", "-INT", Long.toString(broker)).start().waitFor();

            assertThat(status).isZero();
            await().during(Duration.ofMillis(200)).until(() -> isAlive(broker));
        }
    }

    private LocalStack start(Map<Program, String> scripts) throws Exception {
        Function<Program, List<String>> commands = program -> List.of("/bin/sh", "-c",
                scripts.getOrDefault(program, SCRIPTS.get(program)));
        return LocalStack.start(commands, new StackOptions(1, 2, 1, data, "cpu", 0), notices::add);
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
