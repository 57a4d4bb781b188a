package io.espalier.cli.stack;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The built repository: where each module's classes lie and how a process of it is started.
 *
 * @param home the repository root
 * @param java the java executable
 */
public record Installation(Path home, Path java) {
    /** Set by the launcher. */
    public static final String HOME = "espalier.home";

    private static final List<String> FLAGS = List.of("--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");
    /** Sized for the machine, a young generation would take what workers have no plan for; they make little garbage. */
    private static final List<String> WORKER = List.of("-Dai.djl.offline=true", "-XX:MaxNewSize=48m");

    /** The one that this process belongs to. */
    public static Installation current() {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new Installation(Path.of(System.getProperty(HOME, "")).toAbsolutePath(), java);
    }

    /** Options of a JVM that computes as a worker does. */
    public static List<String> workerFlags() {
        return Stream.concat(FLAGS.stream(), WORKER.stream()).toList();
    }

    /**
     * The command line of a program, without arguments. Classes are archived at the end of the first run, which halves
     * the start of the next; what does no computing of its own is compiled for a quick start.
     */
    public List<String> command(Program program) {
        Stream<String> kind = program.usesEngine()
                ? WORKER.stream()
                : Stream.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
        String classPath = classPath(program);
        Stream<String> archiving = Stream.of("-Xlog:disable", "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + archive(program, classPath));
        Stream<String> main = Stream.of("-cp", classPath, program.mainClass());
        return Stream.of(Stream.of(java.toString()), FLAGS.stream(), kind, archiving, main).flatMap(part -> part)
                .toList();
    }

    /** Java ignores an archive of older classes, but does not replace it. */
    private Path archive(Program program, String classPath) {
        Path archive = home.resolve(program.module()).resolve("target").resolve(program.name() + ".jsa");
        long made = archive.toFile().lastModified();
        if (Stream.of(classPath.split(File.pathSeparator)).anyMatch(entry -> new File(entry).lastModified() > made)) {
            archive.toFile().delete();
        }
        return archive;
    }

    private String classPath(Program program) {
        Path target = home.resolve(program.module()).resolve("target");
        Path libraries = target.resolve("classpath.txt");
        try {
            return jar(target, program) + File.pathSeparator + Files.readString(libraries).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("module " + program.module() + " is not built (mvn package): " + libraries,
                    e);
        }
    }

    private static Path jar(Path target, Program program) throws IOException {
        String name = Path.of(program.module()).getFileName() + "-";
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(f -> f.getFileName().toString().matches("\\Q" + name + "\\E[0-9.]+(-SNAPSHOT)?\\.jar"))
                    .findFirst().orElse(target.resolve("classes"));
        }
    }
}
