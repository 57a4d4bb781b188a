package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.message.FailureKind;
import java.io.IOException;
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
