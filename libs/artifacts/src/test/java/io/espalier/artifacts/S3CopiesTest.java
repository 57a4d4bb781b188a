package io.espalier.artifacts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of what lies on S3, through the real client and S3's wire protocol on loopback. */
class S3CopiesTest {
    private static final int PART_BYTES = 10_000;
    private static final S3Copies.Progress SILENT = (received, all) -> {};

    @TempDir
    private Path folder;
    private LoopbackS3 s3;
    private S3Copies copies;

    @BeforeAll
    static void credentialsOfTheStandardChain() {
        LoopbackS3.giveCredentials();
    }

    @BeforeEach
    void open() throws IOException {
        s3 = new LoopbackS3();
        copies = open(Long.MAX_VALUE);
        s3.store("models/tiny/config.json", "{}".getBytes(UTF_8));
        s3.store("models/tiny/model.safetensors", noise(35_000));
        s3.store("models/tiny/tokenizer.json", "[]".getBytes(UTF_8));
        s3.store("models/tiny/original/params.json", "no part of the checkpoint".getBytes(UTF_8));
        s3.store("models/tiny-2/config.json", "{}".getBytes(UTF_8));
    }

    @AfterEach
    void close() {
        copies.close();
        s3.close();
    }

    private S3Copies open(long mostBytes) {
        return S3Copies.open(folder.resolve("copies"), mostBytes, Optional.of(s3.endpoint()), PART_BYTES);
    }

    private static byte[] noise(int bytes) {
        var noise = new byte[bytes];
        new Random(bytes).nextBytes(noise);
        return noise;
    }

    private S3Copies.Copy tiny() throws Exception {
        return copies.folder("s3://models-of-ours/models/tiny", SILENT);
    }

    @Test
    void aFolderIsWhatLiesDirectlyBelowItsPrefix() throws Exception {
        try (var copy = tiny()) {
            assertThat(copy.path()).isDirectoryContaining("glob:**config.json");
            assertThat(copy.path().resolve("model.safetensors")).hasBinaryContent(noise(35_000));
            assertThat(copy.path().toFile().list()).containsExactlyInAnyOrder("config.json", "model.safetensors",
                    "tokenizer.json");
            assertThat(copy.digest()).isEqualTo(FolderDigest.of(copy.path())).isEqualTo(copy.digest());
        }
        assertThat(s3.reads).as("2 small objects, and 4 ranges").hasValue(6);
    }

    @Test
    void workersOfAMachineFetchOnce() throws Exception {
        try (var pool = Executors.newVirtualThreadPerTaskExecutor(); var second = open(Long.MAX_VALUE)) {
            var all = IntStream.range(0, 6).mapToObj(i -> pool.submit(() -> {
                try (var copy = (i % 2 == 0 ? copies : second).folder("s3://b/models/tiny/", SILENT)) {
                    return FolderDigest.of(copy.path());
                }
            })).toList();
            String first = all.getFirst().get();
            for (Future<String> each : all) {
                assertThat(each.get()).isEqualTo(first);
            }
        }
        assertThat(s3.reads).hasValue(6);
    }

    @Test
    void anObjectWrittenAnewIsAnotherCopy() throws Exception {
        try (var before = tiny()) {
            s3.store("models/tiny/config.json", "{ }".getBytes(UTF_8));
            try (var after = tiny()) {
                assertThat(after.path()).isNotEqualTo(before.path());
                assertThat(after.path().resolve("config.json")).hasContent("{ }");
                assertThat(before.path().resolve("config.json")).hasContent("{}");
            }
        }
    }

    @Test
    void aConnectionThatBreaksIsTakenUpWhereItBroke() throws Exception {
        s3.breaks.add(1);
        s3.breaks.add(4_000);
        s3.breaks.add(100);
        try (var copy = tiny()) {
            assertThat(copy.path().resolve("model.safetensors")).hasBinaryContent(noise(35_000));
        }
        assertThat(s3.reads).hasValue(9);
    }

    @Test
    void whatChangesWhileItIsReadIsNoticed() throws Exception {
        s3.beforeRead = () -> s3.store("models/tiny/model.safetensors", noise(36_000));
        assertThatThrownBy(this::tiny).isInstanceOf(UnreadablePlaceException.class)
                .hasMessageContaining("models/tiny/model.safetensors was changed while it was read");
        s3.beforeRead = () -> {};
        try (var copy = tiny()) {
            assertThat(copy.path().resolve("model.safetensors")).hasBinaryContent(noise(36_000));
        }
    }

    @Test
    void damageOnTheWayIsNoticed() throws Exception {
        s3.checksums.put("models/tiny/tokenizer.json", "A".repeat(43) + "=");
        assertThatThrownBy(this::tiny).isInstanceOf(IOException.class)
                .hasMessageContaining("tokenizer.json came damaged");
        s3.checksums.put("models/tiny/tokenizer.json", "A".repeat(43) + "=-4"); // of parts: says nothing of the whole
        int before = s3.reads.get();
        tiny().close();
        assertThat(s3.reads.get() - before).as("what had come whole is not fetched again").isEqualTo(1);
    }

    @Test
    void whatWasUsedLongestAgoMakesRoomUnlessItIsInUse() throws Exception {
        s3.store("models/b/x", noise(30_000));
        s3.store("models/c/x", noise(30_001));
        try (var small = open(70_000); var used = small.folder("s3://b/models/tiny", SILENT)) {
            Path b = closed(small.folder("s3://b/models/b", SILENT));
            assertThat(b).exists();
            Path c = closed(small.folder("s3://b/models/c", SILENT));
            assertThat(c).exists();
            assertThat(b).doesNotExist();
            assertThat(used.path().resolve("config.json")).exists();
        }
    }

    private static Path closed(S3Copies.Copy copy) throws IOException {
        copy.close();
        return copy.path();
    }

    @Test
    void aFileComesWithItsCompanions() throws Exception {
        s3.store("tasks/valid.jsonl", "{}".getBytes(UTF_8));
        s3.store("tasks/valid-labels.lst", "1".getBytes(UTF_8));
        s3.store("tasks/valid.jsonl.bak", "no".getBytes(UTF_8));
        try (var copy = copies.file("s3://b/tasks/valid.jsonl", Set.of("valid-labels.lst", "absent"), SILENT)) {
            assertThat(copy.path()).hasFileName("valid.jsonl").hasContent("{}");
            assertThat(copy.path().resolveSibling("valid-labels.lst")).hasContent("1");
            assertThat(copy.path().getParent().toFile().list()).hasSize(2);
        }
    }

    @Test
    void saysWhatAPersonCanDo() {
        refused("s3://nowhere/models/tiny", "there is no bucket nowhere");
        refused("s3://locked/models/tiny", "access denied", "AWS_ACCESS_KEY_ID");
        refused("s3://b/models/none", "there is no object below it");
        assertThatThrownBy(() -> copies.file("s3://b/models/none.txt", Set.of(), SILENT))
                .isInstanceOf(UnreadablePlaceException.class).hasMessageContaining("no such object");
        s3.close();
        assertThatThrownBy(this::tiny).isInstanceOf(IOException.class).isNotInstanceOf(UnreadablePlaceException.class);
    }

    /** An endpoint in a request would be sent this machine's credentials. */
    @ParameterizedTest
    @ValueSource(strings = {"s3://b/m?endpoint=http://evil", "s3://key:secret@b/m", "s3://b/m#x", "s3:///m", "s3://b",
        "s3://b/", "s3://b/a/../c", "s3://b/%2e%2e/c", "s3://b/a b", "http://b/m"})
    void namesWithMoreOrLessThanBucketAndKeyAreRefused(String location) {
        refused(location, "'" + location + "'");
    }

    private void refused(String location, String... messages) {
        assertThatThrownBy(() -> copies.folder(location, SILENT)).isInstanceOf(UnreadablePlaceException.class)
                .hasMessageContainingAll(messages);
    }

    @Test
    void tellsHowFarItIsAndEndsWhenItIsInterrupted() throws Exception {
        var last = new long[2];
        copies.folder("s3://b/models/tiny", (received, all) -> {
            last[0] = received;
            last[1] = all;
        }).close();
        assertThat(last).containsExactly(35_004, 35_004);
        s3.store("models/tiny/config.json", "changed".getBytes(UTF_8));
        assertThatThrownBy(() -> copies.folder("s3://b/models/tiny", (received, all) -> {
            throw new InterruptedException("cancelled");
        })).isInstanceOf(InterruptedException.class);
        assertThat(folder.resolve("copies/copies").toFile().list()).hasSize(1);
    }

    /** Check value of the catalogue of CRCs; and eight at a time is one at a time. */
    @Test
    void computesTheChecksumThatS3Keeps() {
        var crc = new Crc64Nvme();
        crc.update("123456789".getBytes(UTF_8), 0, 9);
        assertThat(crc.getValue()).isEqualTo(0xae8b14860a799888L);
        byte[] noise = noise(1003);
        crc.reset();
        crc.update(noise, 3, 1000);
        var slow = new Crc64Nvme();
        for (int i = 3; i < noise.length; i++) {
            slow.update(noise[i]);
        }
        assertThat(crc.getValue()).isEqualTo(slow.getValue());
    }
}
