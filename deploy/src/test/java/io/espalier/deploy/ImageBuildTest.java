package io.espalier.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code deploy/images/build} puts into which image, in an outline of the repository, with tools of paper that write
 * down what they are asked. That images so made start their processes, {@code deploy/images/try} shows: it needs root.
 */
@Timeout(120)
class ImageBuildTest {
    private static final Path SCRIPT = Path.of("images", "build").toAbsolutePath();
    private static final String NATIVE = "pytorch-native-cpu-2.7.1.jar";

    private record Outcome(int status, String err, List<String> asked) {}

    @TempDir
    private Path folder;
    private Path home;

    @BeforeEach
    void layOut() throws IOException {
        home = Files.createDirectories(folder.resolve("espalier home"));
        Path script = home.resolve("deploy/images/build");
        Files.createDirectories(script.getParent());
        executable(script, Files.readString(SCRIPT));
        executable(home.resolve("espalier"), """
                #!/bin/bash
                if [ "$1" = check ]; then mkdir -p "$DJL_CACHE_DIR" && touch "$DJL_CACHE_DIR"/{libtorch_cpu.so,libdjl_torch.so}; fi
                """);
        Files.writeString(home.resolve("pom.xml"), "<artifactId>espalier</artifactId>\n<version>1.2.3</version>\n");
        Path libraries = Files.createDirectories(folder.resolve("repository"));
        for (String jar : List.of("kafka-clients.jar", NATIVE)) {
            Files.writeString(libraries.resolve(jar), "");
        }
        Path own = home.resolve("libs/protocol/target/protocol-1.2.3.jar");
        Files.createDirectories(own.getParent());
        Files.writeString(own, "");
        for (String kind : List.of("coordinator", "gpu-worker")) {
            Path target = Files.createDirectories(home.resolve(kind).resolve("target"));
            Files.writeString(target.resolve(kind + "-1.2.3.jar"), "");
            Files.writeString(target.resolve("classpath.txt"), own + ":" + libraries.resolve("kafka-clients.jar")
                    + (kind.equals("coordinator") ? "" : ":" + libraries.resolve(NATIVE)));
        }
        Path jdk = Files.createDirectories(folder.resolve("jdk/bin")).getParent();
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        executable(jdk.resolve("bin/jlink"), "#!/bin/bash\n");
        Files.createDirectories(folder.resolve("tools"));
        executable(folder.resolve("tools/mmdebstrap"), "#!/bin/bash\n");
        // What is copied is written down by name, because the folder it lies in is gone afterwards.
        executable(folder.resolve("tools/buildah"), """
                #!/bin/bash
                echo "$@" >>"$ASKED"
                case $1 in
                  from) echo "container" ;;
                  copy) for each in "${@:1:$#-1}"; do if [ -d "$each" ]; then ls "$each" | sed "s#^#  ${@: -1}: #" >>"$ASKED"; fi; done ;;
                esac
                """);
    }

    @Test
    void layersGoFromWhatChangesLeastToWhatChangesMost() throws Exception {
        Outcome outcome = build("coordinator", "gpu-worker");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.asked().stream().filter(line -> line.startsWith("commit")).map(line -> line.substring(line
                .lastIndexOf(' ') + 1))).containsExactly("espalier-debian", "espalier-java", "espalier-torch",
                        "espalier/coordinator:1.2.3", "espalier/gpu-worker:1.2.3");
        assertThat(outcome.asked()).filteredOn(line -> line.startsWith("from")).containsExactly("from scratch",
                "from espalier-debian", "from espalier-java", "from espalier-java", "from espalier-torch");
        assertThat(outcome.asked()).anySatisfy(line -> assertThat(line).startsWith("push").endsWith(
                "gpu-worker.tar:espalier/gpu-worker:1.2.3"));
    }

    @Test
    void imagesHaveAUserOfTheirOwnAHealthCheckAndLabels() throws Exception {
        List<String> configured = build("coordinator", "gpu-worker").asked().stream().filter(line -> line.startsWith(
                "config")).toList();
        assertThat(configured).hasSize(2).allSatisfy(line -> assertThat(line).contains("--user 10001:10001",
                "--entrypoint [\"/usr/local/bin/espalier\"]", "org.opencontainers.image.version=1.2.3",
                "org.opencontainers.image.licenses=Apache-2.0"));
        assertThat(configured.getFirst()).contains("--port 8080", "CMD /usr/local/bin/healthy /health/live");
        assertThat(configured.getLast()).contains("--port 9464", "CMD /usr/local/bin/healthy /health ");
    }

    @Test
    void ownJarsAndLibrariesLieInLayersOfTheirOwn() throws Exception {
        List<String> asked = build("gpu-worker").asked();
        assertThat(asked).contains("  /opt/espalier/app: protocol-1.2.3.jar",
                "  /opt/espalier/app: gpu-worker-1.2.3.jar", "  /opt/espalier/lib: kafka-clients.jar",
                "  /opt/espalier/lib: " + NATIVE, "  /opt/djl: libtorch_cpu.so");
    }

    @Test
    void imagesForCudaHaveItsLibraryInsteadOfTheOtherOne() throws Exception {
        Path torch = Files.createDirectories(folder.resolve("libtorch/lib"));
        Files.writeString(torch.resolve("libtorch_cuda.so"), "");
        Outcome outcome = build("--cuda", torch.getParent().toString(), "gpu-worker");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.asked()).contains("  /opt/libtorch/lib: libtorch_cuda.so", "  /opt/djl: libdjl_torch.so")
                .doesNotContain("  /opt/djl: libtorch_cpu.so", "  /opt/espalier/lib: " + NATIVE);
        assertThat(String.join("\n", outcome.asked())).contains("PYTORCH_FLAVOR=cu128",
                "PYTORCH_LIBRARY_PATH=/opt/libtorch/lib", "espalier/gpu-worker-cuda:1.2.3");
    }

    @Test
    void whatIsMissingIsSaidBeforeAnythingIsBuilt() throws Exception {
        Outcome noCuda = build("--cuda", folder.toString(), "gpu-worker");
        assertThat(noCuda.status()).isEqualTo(2);
        assertThat(noCuda.err()).contains("there is no lib/libtorch_cuda.so");
        Outcome unknown = build("gpu");
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.err()).contains("deploy/images/build [--out DIR]");
        assertThat(unknown.asked()).isEmpty();
    }

    private Outcome build(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash", home.resolve("deploy/images/build").toString(), "--out",
                folder.resolve("out").toString()));
        command.addAll(List.of(arguments));
        Path asked = folder.resolve("asked");
        Files.writeString(asked, "");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile());
        builder.environment().put("PATH", folder.resolve("tools") + ":" + System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().put("ASKED", asked.toString());
        int status = builder.start().waitFor();
        return new Outcome(status, Files.readString(err), Files.readAllLines(asked));
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
