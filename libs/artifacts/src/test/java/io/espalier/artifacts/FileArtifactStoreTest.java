package io.espalier.artifacts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.protocol.message.ArtifactRef;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileArtifactStoreTest {
    /** {@code printf hello | sha256sum} */
    private static final String HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @TempDir
    private Path folder;
    private Path root;
    private FileArtifactStore store;

    @BeforeEach
    void open() throws IOException {
        root = folder.resolve("store");
        store = FileArtifactStore.open(root, ArtifactMeter.NONE);
    }

    private ArtifactRef put(String text) throws IOException {
        return store.putBytes(text.getBytes(UTF_8));
    }

    @Test
    void namesAFileByItsContent() throws IOException {
        ArtifactRef hello = put("hello");
        assertThat(hello).isEqualTo(ArtifactRef.file(HELLO, 5));
        assertThat(store.file(hello)).hasContent("hello").isEqualTo(root.resolve("files/2c/" + HELLO));
        try (InputStream in = store.open(hello)) {
            assertThat(in.readAllBytes()).asString(UTF_8).isEqualTo("hello");
        }
        assertThat(store.contains(hello)).isTrue();
        assertThat(put("hello")).isEqualTo(hello);
    }

    @Test
    void anotherProcessSeesWhatWasStored() throws IOException {
        ArtifactRef hello = put("hello");
        try (ArtifactStore other = ArtifactStores.open(root.toUri().toString())) {
            assertThat(other.file(hello)).hasContent("hello");
        }
    }

    @Test
    void aTreeKeepsItsNames() throws IOException {
        ArtifactRef tree = store.putTree(sampleFolder("model"));
        assertThat(tree.kind()).isEqualTo(ArtifactRef.Kind.TREE);
        assertThat(tree.bytes()).isEqualTo(10);
        Path view = store.tree(tree);
        assertThat(view.resolve("config.json")).hasContent("hello");
        assertThat(view.resolve("shards/a.bin")).hasContent("world");
        assertThat(store.tree(tree)).isEqualTo(view);
        // equal folders are one tree
        assertThat(store.putTree(sampleFolder("copy"))).isEqualTo(tree);
    }

    @Test
    void linksToFilesCountAsFiles() throws IOException {
        Path blob = Files.writeString(folder.resolve("blob"), "hello");
        Path snapshot = Files.createDirectory(folder.resolve("snapshot"));
        Files.createSymbolicLink(snapshot.resolve("config.json"), blob);
        assertThat(store.tree(store.putTree(snapshot)).resolve("config.json")).hasContent("hello");
    }

    @Test
    void aDamagedViewIsMadeAgain() throws IOException {
        ArtifactRef tree = store.putTree(sampleFolder("model"));
        Path view = store.tree(tree);
        Files.delete(view.resolve("config.json"));
        Files.writeString(view.resolve("config.json"), "lies!");
        assertThat(store.tree(tree).resolve("config.json")).hasContent("hello");
    }

    @Test
    void damageIsNoticedAndHealed() throws IOException {
        ArtifactRef hello = put("hello");
        Path file = store.file(hello);
        overwrite(file, "hellO");
        assertThatThrownBy(() -> store.file(hello)).isInstanceOf(CorruptArtifactException.class)
                .hasMessageContaining(HELLO);
        put("hello");
        assertThat(store.file(hello)).hasContent("hello");
    }

    @Test
    void damageInATreeIsNoticed() throws IOException {
        ArtifactRef tree = store.putTree(sampleFolder("model"));
        overwrite(store.file(ArtifactRef.file(HELLO, 5)), "hellO");
        assertThatThrownBy(() -> store.tree(tree)).isInstanceOf(CorruptArtifactException.class);
    }

    @Test
    void whatIsNotThereIsSaidToBeMissing() throws IOException {
        ArtifactRef unknown = ArtifactRef.file("0".repeat(64), 1);
        assertThat(store.contains(unknown)).isFalse();
        assertThatThrownBy(() -> store.file(unknown)).isInstanceOf(NoSuchFileException.class);
        store.delete(unknown);
    }

    @Test
    void aListingMustNotLeadOutOfItsTree() {
        for (String path : List.of("../evil", "/etc/passwd", "a/../../evil", "", "a//b")) {
            assertThatThrownBy(() -> new TreeListing.Item(path, HELLO, 5)).as(path)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theFirstEntryWinsUnlessItIsReplaced() throws IOException {
        assertThat(store.entry("result/1")).isEmpty();
        store.putEntry("result/1", new byte[]{1});
        store.putEntry("result/1", new byte[]{2});
        assertThat(store.entry("result/1").orElseThrow()).containsExactly(1);
        store.replaceEntry("result/1", new byte[]{3});
        assertThat(store.entry("result/1").orElseThrow()).containsExactly(3);
        store.deleteEntry("result/1");
        assertThat(store.entry("result/1")).isEmpty();
    }

    @Test
    void aDeletedTreeLeavesFilesThatAnotherTreeNames() throws IOException {
        ArtifactRef both = store.putTree(sampleFolder("both"));
        Path single = Files.createDirectory(folder.resolve("single"));
        Files.writeString(single.resolve("x"), "hello");
        ArtifactRef one = store.putTree(single);
        store.tree(both);

        store.delete(both);
        assertThat(store.contains(both)).isFalse();
        assertThat(store.tree(one).resolve("x")).hasContent("hello");
        assertThat(filesBelow("files")).hasSize(1);
        assertThat(filesBelow("views")).hasSize(1);
    }

    @Test
    void collectsWhatCannotBeReached() throws IOException {
        ArtifactRef tree = store.putTree(sampleFolder("model"));
        ArtifactRef kept = put("kept");
        put("garbage");
        ArtifactRef lost = store.putTree(Files.createDirectory(folder.resolve("empty")));

        ArtifactStore.Collected collected = store.collect(Set.of(tree, kept), Duration.ZERO);
        assertThat(collected.artifacts()).isEqualTo(2);
        assertThat(store.contains(tree)).isTrue();
        assertThat(store.contains(kept)).isTrue();
        assertThat(store.contains(lost)).isFalse();
        assertThat(filesBelow("files")).hasSize(3);
    }

    @Test
    void entriesOfLongAgoAreCollected() throws IOException {
        store.putEntry("old", new byte[]{1});
        try (Stream<Path> entries = Files.walk(root.resolve("entries"))) {
            for (Path entry : entries.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(entry, FileTime.from(Instant.now().minus(Duration.ofDays(31))));
            }
        }
        store.putEntry("new", new byte[]{2});
        store.collect(Set.of(), Duration.ZERO);
        assertThat(store.entry("old")).isEmpty();
        assertThat(store.entry("new")).isPresent();
    }

    @Test
    void whatIsYoungIsNotCollected() throws IOException {
        ArtifactRef young = put("young");
        ArtifactRef old = put("old");
        ArtifactRef again = put("again");
        age(old);
        age(again);
        put("again"); // wanted again: young again

        store.collect(Set.of(), Duration.ofHours(1));
        assertThat(store.contains(young)).isTrue();
        assertThat(store.contains(again)).isTrue();
        assertThat(store.contains(old)).isFalse();
    }

    @Test
    void aFailedWriteLeavesNothingAndSaysWhy() throws IOException {
        var writer = new DurableWriter(root.resolve("tmp"));
        var full = new InputStream() {
            private final InputStream some = new ByteArrayInputStream(new byte[1000]);

            @Override
            public int read() throws IOException {
                int next = some.read();
                if (next < 0) {
                    throw new IOException("No space left on device");
                }
                return next;
            }
        };
        assertThatIOException().isThrownBy(() -> writer.write(full)).withMessageContaining("No space left on device")
                .withMessageContaining("bytes free");
        assertThat(filesBelow("tmp")).isEmpty();
    }

    @Test
    void whatACrashLeftIsClearedAfterAnHour() throws IOException {
        Path recent = Files.writeString(root.resolve("tmp/recent"), "half");
        Path abandoned = Files.writeString(root.resolve("tmp/abandoned"), "half");
        Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        FileArtifactStore.open(root, ArtifactMeter.NONE);
        assertThat(recent).exists();
        assertThat(abandoned).doesNotExist();
    }

    @Test
    void theMeterHearsOfAllBytes() throws IOException {
        var written = new AtomicLong();
        var read = new AtomicLong();
        var meter = new ArtifactMeter() {
            @Override
            public void written(long bytes) {
                written.addAndGet(bytes);
            }

            @Override
            public void read(long bytes) {
                read.addAndGet(bytes);
            }
        };
        try (ArtifactStore metered = ArtifactStores.open(root.toString(), meter)) {
            ArtifactRef hello = metered.putBytes("hello".getBytes(UTF_8));
            metered.file(hello);
        }
        assertThat(written).hasValue(5);
        assertThat(read).hasValue(5);
    }

    @Test
    void anUnknownSchemeIsRefused() {
        assertThatThrownBy(() -> ArtifactStores.open("ftp://host/folder"))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no store for ftp://");
    }

    private Path sampleFolder(String name) throws IOException {
        Path sample = Files.createDirectories(folder.resolve(name));
        Files.writeString(sample.resolve("config.json"), "hello");
        Files.createDirectories(sample.resolve("shards"));
        Files.writeString(sample.resolve("shards/a.bin"), "world");
        return sample;
    }

    private void age(ArtifactRef artifact) throws IOException {
        Files.setLastModifiedTime(store.file(artifact), FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    }

    private static void overwrite(Path file, String text) throws IOException {
        assertThat(file.toFile().setWritable(true)).isTrue();
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(1)));
    }

    private List<Path> filesBelow(String part) throws IOException {
        try (Stream<Path> all = Files.walk(root.resolve(part))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
