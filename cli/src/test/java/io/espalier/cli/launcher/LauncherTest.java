package io.espalier.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bash launcher, in a copy of the repository's outline whose path has blanks, with a JDK and a Maven of paper. */
@Timeout(60)
class LauncherTest {
    private static final Path SCRIPT = Path.of("../espalier").toAbsolutePath().normalize();
    private static final String JAVA = "#!/bin/sh\nfor a; do echo \"[$a]\"; done\necho \"home=$JAVA_HOME\"\n";

    private record Outcome(int status, String out, String err) {}

    @TempDir
    Path temporary;

    private Path home;
    private Path jdk;
    private Path tools;

    @BeforeEach
    void layOut() throws Exception {
        home = Files.createDirectories(temporary.resolve("a b/espalier home"));
        Files.copy(SCRIPT, home.resolve("espalier"));
        executable(home.resolve("espalier"), null);
        jdk = Files.createDirectories(temporary.resolve("jdk x"));
        Files.createDirectories(jdk.resolve("bin"));
        executable(jdk.resolve("bin/java"), JAVA);
        executable(jdk.resolve("bin/javac"), JAVA);
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        tools = Files.createDirectories(temporary.resolve("tools"));
        for (String tool : List.of("bash", "sh", "dirname", "readlink", "sed", "cat", "find", "head", "tail", "mkdir",
                "touch", "rm", "tput", "flock", "java")) {
            borrow(tool);
        }
        Files.createDirectories(home.resolve("cli/src/main/java"));
        Files.writeString(home.resolve("cli/src/main/java/A.java"), "");
        Files.writeString(home.resolve("pom.xml"), "");
    }

    @Test
    void isValidBash() throws Exception {
        assertThat(new ProcessBuilder("bash", "-n", SCRIPT.toString()).start().waitFor()).isZero();
    }

    @Test
    void runsTheCommandLineWithItsArguments() throws Exception {
        built();

        Outcome outcome = run(home.resolve("espalier"), Map.of(), "prune", "my request.yaml", "-o", "json");

        assertThat(outcome.status).isZero();
        assertThat(outcome.out.lines()).contains("[--enable-native-access=ALL-UNNAMED]",
                "[-Despalier.home=" + home.toRealPath()
                        + "]",
                "[" + home.toRealPath() + "/cli/target/cli-0.1.0.jar:/lib/one.jar]", "[io.espalier.cli.Espalier]",
                "[prune]", "[my request.yaml]", "[-o]", "[json]", "home=" + jdk);
        assertThat(outcome.err).isEmpty();
    }

    @Test
    void worksThroughLinksFromAnywhere() throws Exception {
        built();
        Path link = Files.createSymbolicLink(temporary.resolve("link one"), home.resolve("espalier"));
        Path relative = Files.createSymbolicLink(temporary.resolve("two"), Path.of("link one"));

        for (Path way : List.of(link, relative)) {
            assertThat(run(way, Map.of(), "list").out).contains("[-Despalier.home=" + home.toRealPath() + "]");
        }
    }

    @Test
    void startsAProcessOfADeploymentDirectly() throws Exception {
        built();

        Outcome outcome = run(home.resolve("espalier"), Map.of("ESPALIER_JAVA_OPTS", "-Xmx1g -Da=b"), "coordinator");

        assertThat(outcome.out.lines()).contains("[-Xmx1g]", "[-Da=b]", "[" + home.toRealPath()
                + "/coordinator/target/coordinator-0.1.0.jar:/lib/one.jar]",
                "[io.espalier.coordinator.CoordinatorMain]").doesNotContain("[coordinator]");
        assertThat(run(home.resolve("espalier"), Map.of(), "coordinator", "--help").out)
                .contains("[io.espalier.cli.Espalier]");
    }

    @Test
    void workersHaveASmallYoungGenerationWhichAnOptionMayRaise() throws Exception {
        built();
        Map<String, String> raised = Map.of("ESPALIER_JAVA_OPTS", "-XX:MaxNewSize=1g");

        for (String worker : List.of("scoring-worker", "gpu-worker", "eval-worker")) {
            assertThat(run(home.resolve("espalier"), raised, worker).out.lines())
                    .containsSubsequence("[-XX:MaxNewSize=48m]", "[-XX:MaxNewSize=1g]");
        }
        assertThat(run(home.resolve("espalier"), Map.of(), "coordinator").out).doesNotContain("MaxNewSize");
    }

    @Test
    void buildsOnFirstUseAndWhenASourceIsNewer() throws Exception {
        executable(tools.resolve("mvn"),
                "#!/bin/sh\necho \"$@\" >> '" + temporary.resolve("calls") + "'\n" + buildScript());

        Outcome first = run(home.resolve("espalier"), Map.of(), "list");
        Outcome second = run(home.resolve("espalier"), Map.of(), "list");
        Files.setLastModifiedTime(home.resolve("cli/src/main/java/A.java"),
                FileTime.from(Instant.now().plusSeconds(9)));
        Outcome third = run(home.resolve("espalier"), Map.of(), "list");

        assertThat(first.status).isZero();
        assertThat(first.err).contains("espalier: building").contains("Maven Central");
        assertThat(second.err).isEmpty();
        assertThat(third.err).contains("espalier: building");
        assertThat(Files.readAllLines(temporary.resolve("calls"))).hasSize(2)
                .allMatch(call -> call.equals("-B -q -DskipTests -Dquick=true -pl !deploy,!system-test package"));
    }

    @Test
    void saysWhenMavenIsMissingOrFails() throws Exception {
        Outcome missing = run(home.resolve("espalier"), Map.of(), "list");
        executable(tools.resolve("mvn"), "#!/bin/sh\necho cannot resolve dependency\nexit 1\n");
        Outcome failing = run(home.resolve("espalier"), Map.of(), "list");

        assertThat(missing.status).isEqualTo(1);
        assertThat(missing.err.lines()).singleElement().asString().contains("needs Maven 3.8");
        assertThat(failing.status).isEqualTo(1);
        assertThat(failing.err).contains("cannot resolve dependency", "the build failed");
    }

    @Test
    void passesTheExitStatusOn() throws Exception {
        built();
        executable(jdk.resolve("bin/java"), "#!/bin/sh\nexit 42\n");

        assertThat(run(home.resolve("espalier"), Map.of(), "list").status).isEqualTo(42);
    }

    private void built() throws Exception {
        assertThat(new ProcessBuilder("sh", "-c", buildScript()).directory(home.toFile()).start().waitFor()).isZero();
        Files.writeString(home.resolve("cli/target/built"), "");
    }

    private static String buildScript() {
        return """
                for m in cli coordinator scoring-worker gpu-worker eval-worker; do
                  mkdir -p $m/target && touch $m/target/$m-0.1.0.jar && echo /lib/one.jar > $m/target/classpath.txt
                done
                """;
    }

    private Outcome run(Path script, Map<String, String> environment, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(temporary.toFile());
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", tools.toString(), "HOME", temporary.toString(), "JAVA_HOME",
                jdk.toString()));
        builder.environment().putAll(environment);
        Path err = temporary.resolve("err");
        Process process = builder.redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes());
        process.waitFor(30, TimeUnit.SECONDS);
        return new Outcome(process.exitValue(), out, Files.readString(err));
    }

    private void borrow(String tool) throws IOException {
        for (String folder : System.getenv("PATH").split(":")) {
            Path program = Path.of(folder, tool);
            if (Files.isExecutable(program)) {
                executable(tools.resolve(tool), "#!/bin/sh\nexec '" + program + "' \"$@\"\n");
                return;
            }
        }
    }

    private static void executable(Path file, String content) throws IOException {
        if (content != null) {
            Files.writeString(file, content);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
