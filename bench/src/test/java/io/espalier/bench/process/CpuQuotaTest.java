package io.espalier.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On folders laid out as the kernel lays out its own. */
class CpuQuotaTest {
    @TempDir
    Path root;

    @Test
    void aWholeCoreNeedsNoGroup() throws IOException {
        try (var quota = new CpuQuota(1, root.resolve("none"))) {
            assertThat(quota.hold(List.of("ls", "a b"))).containsExactly("ls", "a b");
        }
    }

    @Test
    void aProcessIsInItsGroupBeforeItDoesAnything() throws Exception {
        try (var quota = new CpuQuota(0.25, root)) {
            Process process = new ProcessBuilder(quota.hold(List.of("sh", "-c", "cat */cgroup.procs; echo $$ \"$1\"",
                    "sh", "a b"))).directory(root.toFile()).start();
            List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
                    .toList();
            assertThat(lines).containsExactly(Long.toString(process.pid()), process.pid() + " a b");
            assertThat(group(root).resolve("cpu.max")).hasContent("2500 10000");
        }
    }

    @Test
    void theFirstVersionHasFilesOfItsOwn() throws IOException {
        Path cpu = Files.createDirectory(root.resolve("cpu"));
        Files.writeString(cpu.resolve("cpu.cfs_quota_us"), "-1");
        try (var quota = new CpuQuota(0.5, root)) {
            quota.hold(List.of("ls"));
            assertThat(group(cpu).resolve("cpu.cfs_quota_us")).hasContent("5000");
            assertThat(group(cpu).resolve("cpu.cfs_period_us")).hasContent("10000");
        }
    }

    @Test
    void whoMayMakeNoGroupsIsTold() {
        Path none = root.resolve("none");
        assertThatThrownBy(() -> new CpuQuota(0.5, none).hold(List.of("ls"))).isInstanceOf(IOException.class)
                .hasMessageContaining("cores=0.5").hasMessageContaining(none.toString());
    }

    private static Path group(Path parent) throws IOException {
        try (Stream<Path> groups = Files.list(parent)) {
            return groups.filter(Files::isDirectory).findFirst().orElseThrow();
        }
    }
}
