package io.espalier.artifacts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.protocol.message.ArtifactRef;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store against S3's wire protocol on loopback, through the real client. */
class S3ArtifactStoreTest {
    private static final long PART_BYTES = 100_000;

    @TempDir
    private Path folder;
    private LoopbackS3 s3;
    private S3ArtifactStore store;

    @BeforeAll
    static void credentialsOfTheStandardChain() {
        LoopbackS3.giveCredentials();
    }

    @BeforeEach
    void open() throws IOException {
        s3 = new LoopbackS3();
        store = openWithCache("cache");
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        s3.close();
    }

    private S3ArtifactStore openWithCache(String cache) throws IOException {
        var location = new S3Location("models", "espalier/a", Optional.of(s3.endpoint()), Optional.of("us-east-1"),
                folder.resolve(cache));
        return S3ArtifactStore.open(location, PART_BYTES, ArtifactMeter.NONE);
    }

    private ArtifactRef put(String text) throws IOException {
        return store.putBytes(text.getBytes(UTF_8));
    }

    @Test
    void whatOneMachineStoredAnotherReads() throws IOException {
        ArtifactRef hello = put("hello");
        ArtifactRef tree = store.putTree(sample());
        try (var other = openWithCache("other")) {
            assertThat(other.contains(hello)).isTrue();
            assertThat(other.file(hello)).hasContent("hello");
            assertThat(other.contains(tree)).isTrue();
            assertThat(other.tree(tree).resolve("shards/a.bin")).hasContent("world");
        }
        assertThat(s3.objects).containsKey("espalier/a/files/2c/" + hello.sha256());
    }

    @Test
    void largeFilesGoInParts() throws IOException {
        var bytes = new byte[250_000];
        new Random(1).nextBytes(bytes);
        ArtifactRef large = store.putFile(Files.write(folder.resolve("large"), bytes));
        assertThat(s3.parts).hasValue(3);
        try (var other = openWithCache("other")) {
            assertThat(other.file(large)).hasBinaryContent(bytes);
        }
    }

    @Test
    void whatIsThereIsNotSentAgain() throws IOException {
        put("hello");
        var first = s3.objects.firstEntry().getValue();
        put("hello");
        assertThat(s3.objects.firstEntry().getValue()).isSameAs(first);
    }

    @Test
    void damageIsNoticed() throws IOException {
        ArtifactRef hello = put("hello");
        s3.store(s3.objects.firstKey(), "hellO".getBytes(UTF_8));
        try (var other = openWithCache("other")) {
            assertThatThrownBy(() -> other.file(hello)).isInstanceOf(CorruptArtifactException.class);
        }
    }

    @Test
    void whatIsNotThereIsSaidToBeMissing() throws IOException {
        ArtifactRef unknown = ArtifactRef.file("0".repeat(64), 1);
        assertThat(store.contains(unknown)).isFalse();
        assertThatThrownBy(() -> store.file(unknown)).isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("s3://models/espalier/a/files/00/");
        store.delete(unknown);
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
    void collectsWhatCannotBeReached() throws IOException {
        ArtifactRef tree = store.putTree(sample());
        ArtifactRef kept = put("kept");
        ArtifactRef garbage = put("garbage");
        assertThat(store.collect(Set.of(tree, kept), Duration.ofHours(1)).artifacts()).isZero();
        ageAll();
        assertThat(store.collect(Set.of(tree, kept), Duration.ofHours(1)).artifacts()).isEqualTo(1);
        assertThat(store.contains(tree)).isTrue();
        assertThat(store.contains(kept)).isTrue();
        assertThat(store.contains(garbage)).isFalse();
    }

    @Test
    void whatIsWrittenAgainIsYoungAgain() throws IOException {
        ArtifactRef again = put("again");
        ageAll();
        put("again");
        assertThat(store.collect(Set.of(), Duration.ofHours(1)).artifacts()).isZero();
        assertThat(store.contains(again)).isTrue();
    }

    @Test
    void aDeletedTreeLeavesFilesThatAnotherTreeNames() throws IOException {
        ArtifactRef both = store.putTree(sample());
        Path single = Files.createDirectory(folder.resolve("single"));
        Files.writeString(single.resolve("x"), "hello");
        ArtifactRef one = store.putTree(single);
        store.delete(both);
        try (var other = openWithCache("other")) {
            assertThat(other.contains(both)).isFalse();
            assertThat(other.tree(one).resolve("x")).hasContent("hello");
        }
    }

    @Test
    void aServiceThatIsAwayIsAnInputOutputError() throws IOException {
        s3.close();
        assertThatIOException().isThrownBy(() -> put("hello")).withMessageContaining("s3://models/espalier/a/files/");
    }

    @Test
    void theLocationNamesBucketPrefixAndOptions() {
        assertThat(S3Location.parse("s3://models/a/b/?endpoint=http%3A%2F%2Fminio%3A9000&region=eu-1&cache=/tmp/c"))
                .isEqualTo(new S3Location("models", "a/b", Optional.of(URI.create("http://minio:9000")),
                        Optional.of("eu-1"), Path.of("/tmp/c")));
        assertThat(S3Location.parse("s3://models").prefix()).isEmpty();
        assertThatThrownBy(() -> S3Location.parse("s3://models?color=red")).hasMessageContaining("'color=red' is no");
        assertThatThrownBy(() -> S3Location.parse("s3:///a")).hasMessageContaining("write s3://bucket/prefix");
    }

    private void ageAll() {
        s3.objects.replaceAll((key, stored) -> new LoopbackS3.Stored(stored.bytes(),
                Instant.parse("2020-01-01T00:00:00Z")));
    }

    private Path sample() throws IOException {
        Path sample = Files.createDirectories(folder.resolve("model"));
        Files.writeString(sample.resolve("config.json"), "hello");
        Files.createDirectories(sample.resolve("shards"));
        Files.writeString(sample.resolve("shards/a.bin"), "world");
        return sample;
    }
}
