package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.protocol.message.ArtifactRef;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptContextTest {
    private static final ArtifactRef EARLIER = ArtifactRef.file("a".repeat(64), 1);
    private static final ArtifactRef LATER = ArtifactRef.file("b".repeat(64), 1);

    private final List<String> heard = new ArrayList<>();
    private final AttemptContext context = new AttemptContext(null, null, 2, EARLIER, null,
            new AttemptContext.Listener() {
                @Override
                public void progressed() {
                    heard.add("progress");
                }

                @Override
                public void tokens(long count) {
                    heard.add("tokens " + count);
                }

                @Override
                public void checkpointed(ArtifactRef checkpoint) {
                    heard.add("checkpoint " + checkpoint.sha256().charAt(0));
                }
            });

    @Test
    void progressIsReportedAtMostOnceASecond() throws Exception {
        for (int i = 0; i <= 1000; i++) {
            context.progress(i / 1000.0, "step " + i);
        }
        assertThat(heard).hasSize(1);
        assertThat(context.latest()).isEqualTo(new AttemptContext.Progress(1, "step 1000"));
    }

    @Test
    void ratiosStayBetweenZeroAndOne() throws Exception {
        context.progress(1.5, null);
        assertThat(context.latest().ratio()).isEqualTo(1);
        context.progress(-0.1, null);
        assertThat(context.latest().ratio()).isZero();
    }

    @Test
    void aHandlerThatNeverAsksIsInterruptedByItsNextProgress() {
        context.stop(StopReason.DRAINED);
        assertThatThrownBy(() -> context.progress(0.1, null)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void aHandlerThatAsksMayReachItsNextCheckpoint() {
        assertThat(context.stopping()).isFalse();
        context.stop(StopReason.HELD);
        assertThatCode(() -> context.progress(0.1, null)).doesNotThrowAnyException();
        assertThat(context.stopping()).isTrue();
        context.checkpoint(LATER);
        assertThatThrownBy(() -> context.progress(0.2, null)).isInstanceOf(InterruptedException.class);
        assertThat(heard).contains("checkpoint b");
        assertThat(context.checkpoint()).isEqualTo(LATER);
    }

    @Test
    void aCancelledHandlerIsInterruptedEvenIfItHopedForACheckpoint() {
        assertThat(context.stopping()).isFalse();
        context.stop(StopReason.DRAINED);
        context.stop(StopReason.CANCELLED);
        assertThatThrownBy(() -> context.progress(0.1, null)).isInstanceOf(InterruptedException.class);
        context.stop(StopReason.HELD);
        assertThat(context.stopReason()).contains(StopReason.CANCELLED);
    }

    @Test
    void untilItWritesAnotherTheCheckpointIsTheOneItResumedFrom() {
        assertThat(context.resumeFrom()).contains(EARLIER);
        assertThat(context.checkpoint()).isEqualTo(EARLIER);
        assertThat(context.microBatchDivisor()).isEqualTo(2);
    }

    @Test
    void tokensAddUp() {
        context.tokens(3);
        context.tokens(4);
        assertThat(context.tokens()).isEqualTo(7);
        assertThat(heard).containsExactly("tokens 3", "tokens 4");
    }
}
