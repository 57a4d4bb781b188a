package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.message.FailureKind;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class FailuresTest {
    @Test
    void theKindIsFoundThroughWrappers() {
        assertThat(Failures.kindOf(new CompletionException(new PermanentFailureException("bad")))).isEqualTo(
                FailureKind.PERMANENT);
        assertThat(Failures.kindOf(new OutOfMemoryError("Java heap space"))).isEqualTo(FailureKind.OUT_OF_MEMORY);
        assertThat(Failures.kindOf(new IllegalStateException("CUDA out of memory. Tried to allocate 2.00 GiB")))
                .isEqualTo(FailureKind.OUT_OF_MEMORY);
        assertThat(Failures.kindOf(new RuntimeException("DefaultCPUAllocator: not enough memory")))
                .isEqualTo(FailureKind.OUT_OF_MEMORY);
        assertThat(Failures.kindOf(new IOException("connection reset"))).isEqualTo(FailureKind.TRANSIENT);
        assertThat(Failures.kindOf(new NullPointerException())).isEqualTo(FailureKind.TRANSIENT);
    }

    @Test
    void aFullDiskIsForAPersonToMend() {
        var full = new RuntimeException(
                new IOException("output.location /out: No space left on device", new IOException("write")));
        assertThat(Failures.kindOf(full)).isEqualTo(FailureKind.PERMANENT);
        assertThat(Failures.messageOf(full)).startsWith("the disk is full").contains("/out").contains("retry");
    }

    @Test
    void aPlaceWhereNothingMayBeWrittenIsForAPersonToMend() {
        var denied = new UncheckedIOException(new AccessDeniedException("/out"));
        assertThat(Failures.kindOf(denied)).isEqualTo(FailureKind.PERMANENT);
        assertThat(Failures.messageOf(denied)).startsWith("no permission (/out)").endsWith("with retry");
        var readOnly = new FileSystemException("/out", null, "Read-only file system");
        assertThat(Failures.kindOf(readOnly)).isEqualTo(FailureKind.PERMANENT);
        assertThat(Failures.messageOf(readOnly)).startsWith("the place is read-only (/out: Read-only file system)");
        var below = new FileSystemException("/file/out", null, "Not a directory");
        assertThat(Failures.messageOf(below)).startsWith("a file stands where a folder must be (/file/out:");
        var opened = new FileNotFoundException("/out/plan.json (Permission denied)");
        assertThat(Failures.messageOf(opened)).startsWith("no permission (/out/plan.json (Permission denied))");
    }

    /** A file that vanished may have been another machine's, which a shared disk shows late. */
    @Test
    void aFileThatVanishedIsLookedForAgain() {
        assertThat(Failures.kindOf(new NoSuchFileException("/artifacts/files/ab"))).isEqualTo(FailureKind.TRANSIENT);
    }

    @Test
    void theMessageIsOneLine() {
        assertThat(Failures.messageOf(new RuntimeException(new PermanentFailureException("no such file: a.txt"))))
                .isEqualTo("no such file: a.txt");
        assertThat(Failures.messageOf(new IOException("first\nsecond"))).isEqualTo("IOException: first");
        assertThat(Failures.messageOf(new NullPointerException())).isEqualTo("NullPointerException");
    }

    @Test
    void aCircleOfCausesEnds() {
        var first = new RuntimeException("first");
        first.initCause(new RuntimeException("second", first));
        assertThat(Failures.kindOf(first)).isEqualTo(FailureKind.TRANSIENT);
    }

    @Test
    void theDetailIsTheStackButNotEndless() {
        assertThat(Failures.detailOf(new IOException("x"))).contains("FailuresTest");
        assertThat(Failures.detailOf(new IOException("x".repeat(100_000)))).hasSizeLessThan(20_000);
    }
}
