package io.espalier.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.bench.result.Result;
import io.espalier.protocol.message.JobSnapshot.State;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the audit finds is a fault, and a fault ends the command with status 1 ({@code BenchMainTest}). */
class SoakBenchmarkTest {
    @Test
    void everyViolationIsAFault() {
        var audit = new Audit();
        audit.jobs(Map.of("job-1", new Users.Expected("job-1", 0, Set.of(State.SUCCEEDED), true)), Map.of());

        Result result = judged(audit);
        assertThat(result.faults()).singleElement().asString().startsWith("VIOLATION job-1").contains("stuck");
        assertThat(result.figures().getFirst().value()).isEqualTo(1);
    }

    @Test
    void withoutAViolationThereIsNone() {
        var audit = new Audit();
        audit.jobs(Map.of(), Map.of());

        assertThat(judged(audit).faults()).isEmpty();
    }

    private static Result judged(Audit audit) {
        var result = new Result.Builder();
        SoakBenchmark.judge(audit, 7, result);
        return result.build();
    }
}
