package io.espalier.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The log of a process, as its environment asks for it: on standard error and nowhere else. */
class LoggingTest {
    @Test
    void textByDefault() throws Exception {
        assertThat(logOf(Map.of())).contains("INFO", "LoggingTest", "task done", "job=\"stories-1\"")
                .doesNotContain("quiet");
    }

    /** The task once, as the line itself has it; of the other one it is the thread's. */
    @Test
    void textTellsTheTaskThatTheThreadIsAt() throws Exception {
        List<String> lines = logOf(Map.of()).lines().filter(line -> line.contains("task ")).toList();
        assertThat(lines.getFirst()).endsWith("task done task=\"stories-1/0/0/1\" attempt=\"2\" job=\"stories-1\" "
                + "tasks=\"3\" level=\"not the line's own\"");
        assertThat(lines.getLast()).endsWith("task given back task=\"other-1/0/0/0\" attempt=\"2\"");
    }

    @Test
    void jsonLinesWhenAsked() throws Exception {
        JsonNode line = new ObjectMapper()
                .readTree(logOf(Map.of("ESPALIER_LOG_FORMAT", "json")).lines().findFirst().orElseThrow());
        assertThat(line.get("message").textValue()).isEqualTo("task done");
        assertThat(line.get("level").textValue()).isEqualTo("INFO");
        assertThat(line.get("job").textValue()).isEqualTo("stories-1");
        assertThat(line.get("tasks").intValue()).isEqualTo(3);
        assertThat(line.get("worker").textValue()).isEqualTo("gpu-7");
        assertThat(line.get("exception").textValue()).contains("IllegalStateException: why", "LoggingTest.main");
    }

    @Test
    void theLevelIsASetting() throws Exception {
        assertThat(logOf(Map.of("ESPALIER_LOG_LEVEL", "DEBUG"))).contains("quiet");
    }

    private static String logOf(Map<String, String> environment) throws Exception {
        var builder = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(), "-cp",
                System.getProperty("java.class.path"), LoggingTest.class.getName());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        String log = new String(process.getErrorStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(out).isEmpty();
        return log;
    }

    public static void main(String[] args) {
        var log = LoggerFactory.getLogger(LoggingTest.class);
        log.atDebug().log("quiet");
        MDC.put("worker", "gpu-7");
        MDC.put("task", "stories-1/0/0/1");
        MDC.put("attempt", "2");
        log.atInfo().addKeyValue("job", "stories-1").addKeyValue("tasks", 3).addKeyValue("level", "not the line's own")
                .setCause(new IllegalStateException("why")).log("task done");
        log.atInfo().addKeyValue("task", "other-1/0/0/0").log("task given back");
    }
}
