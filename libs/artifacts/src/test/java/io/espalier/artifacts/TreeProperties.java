package io.espalier.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.message.ArtifactRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever folder is stored comes back the same, and its name depends on names and contents alone. */
class TreeProperties {
    private static Path folder;

    @BeforeContainer
    static void makeFolder() throws IOException {
        folder = Files.createTempDirectory("tree-properties");
    }

    @AfterContainer
    static void deleteFolder() throws IOException {
        Folders.delete(folder);
    }

    @Property(tries = 25)
    void comesBackAsItWas(@ForAll("files") Map<String, byte[]> files) throws IOException {
        try (var store = FileArtifactStore.open(folder.resolve("store"), ArtifactMeter.NONE)) {
            ArtifactRef tree = store.putTree(write(files));
            assertThat(tree.bytes()).isEqualTo(files.values().stream().mapToLong(bytes -> bytes.length).sum());
            assertThat(read(store.tree(tree))).usingRecursiveComparison().isEqualTo(files);
            assertThat(store.putTree(write(files))).isEqualTo(tree);
        }
    }

    @Property(tries = 25)
    void differentFoldersHaveDifferentNames(@ForAll("files") Map<String, byte[]> files,
            @ForAll("files") Map<String, byte[]> others) throws IOException {
        try (var store = FileArtifactStore.open(folder.resolve("store"), ArtifactMeter.NONE)) {
            Path first = write(files);
            Path second = write(others);
            boolean same = describe(files).equals(describe(others));
            assertThat(store.putTree(first).equals(store.putTree(second))).isEqualTo(same);
        }
    }

    @Provide
    Arbitrary<Map<String, byte[]>> files() {
        Arbitrary<String> part = Arbitraries.strings().withCharRange('a', 'd').withChars('.', '_', 'é', ' ')
                .ofMinLength(1).ofMaxLength(4).filter(name -> !name.matches("\\.+"));
        // a leading letter keeps folders and files apart
        Arbitrary<String> path = part.list().ofMinSize(1).ofMaxSize(3)
                .map(parts -> "d" + String.join("/d", parts.subList(0, parts.size() - 1)) + "/f" + parts.getLast());
        Arbitrary<byte[]> content = Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
        return Arbitraries.maps(path, content).ofMaxSize(8);
    }

    private static Path write(Map<String, byte[]> files) throws IOException {
        Path target = Files.createTempDirectory(folder, "source");
        for (var file : files.entrySet()) {
            Path path = target.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return target;
    }

    private static Map<String, byte[]> read(Path tree) throws IOException {
        var files = new TreeMap<String, byte[]>();
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(tree.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private static Map<String, List<Byte>> describe(Map<String, byte[]> files) {
        var described = new TreeMap<String, List<Byte>>();
        files.forEach((path, bytes) -> {
            var boxed = new ArrayList<Byte>();
            for (byte each : bytes) {
                boxed.add(each);
            }
            described.put(path, boxed);
        });
        return described;
    }
}
