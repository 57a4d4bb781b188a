package io.espalier.coordinator.job;

import static io.espalier.coordinator.job.JobSteps.NOW;
import static io.espalier.coordinator.job.JobSteps.at;
import static io.espalier.coordinator.job.JobSteps.next;
import static io.espalier.coordinator.job.JobSteps.succeed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.coordinator.FakeWorkers;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Work;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A perplexity whose segments are spread over tasks. */
class PerplexityPartsTest {
    private static final String REQUEST = """
            model: /models/stories
            method: { name: magnitude }
            target: { parameters: 0.8 }
            output: { location: /out }
            evaluation:
              fidelity: %s
              cost: false
              perplexity: [ { name: wiki, text: /data/w, length: 128, parts: 3 } ]
            """;

    @Test
    void isTheSumOfItsParts() {
        ObjectNode whole = PerplexityParts.together(List.of(part(10, 4, 2), part(6, 2, 1), part(0, 0, 0)));
        assertThat(whole.get("nll").doubleValue()).isEqualTo(16);
        assertThat(whole.get("tokens").longValue()).isEqualTo(6);
        assertThat(whole.get("segments").longValue()).isEqualTo(3);
        assertThat(whole.get("perplexity").doubleValue()).isCloseTo(14.391916095149892, within(1e-12)); // e^(16 / 6)
        assertThat(whole.get("textDigest").textValue()).isEqualTo("a");
    }

    /** Of parts as well as of the two models that are compared. */
    @ParameterizedTest
    @CsvSource({"1", "4"})
    void aTextThatChangedMeanwhileFailsTheJob(int changed) {
        Job job = at(StageName.EVALUATE, REQUEST.formatted(false));
        for (int i = 0; job.isOpen(); i++) {
            FakeWorkers.Found found = FakeWorkers.find(next(job).work());
            job = succeed(job, next(job), i == changed ? found.facts().put("textDigest", "other") : found.facts());
        }
        assertThat(job.state()).isInstanceOfSatisfying(JobState.Failed.class, failed -> {
            assertThat(failed.problem().stage()).isEqualTo(StageName.EVALUATE);
            assertThat(failed.problem().message()).contains("evaluation.perplexity 'wiki@128': /data/w was changed",
                    "other");
        });
    }

    @Test
    void eachPartIsATaskOfItsOwn() {
        List<Work> works = at(StageName.EVALUATE, REQUEST.formatted(true)).current().orElseThrow().tasks().stream()
                .map(TaskRun::work).toList();
        assertThat(works.subList(0, 6)).allSatisfy(work -> assertThat(((Work.Perplexity) work).protocol().tasks())
                .isEqualTo(1)).extracting(work -> ((Work.Perplexity) work).part()).containsExactly(new Work.Part(0, 3),
                        new Work.Part(1, 3), new Work.Part(2, 3), new Work.Part(0, 3), new Work.Part(1, 3),
                        new Work.Part(2, 3));
        assertThat(works.subList(6, works.size())).hasSize(1).first().isInstanceOfSatisfying(Work.Fidelity.class,
                fidelity -> assertThat(fidelity.protocol().tasks()).isEqualTo(1));
    }

    @Test
    void isToldOnceAllPartsAreDone() {
        Job job = at(StageName.EVALUATE, REQUEST.formatted(false));
        double nll = 0;
        for (int i = 0; i < 3; i++) {
            assertThat(Results.models(new Findings(job, NOW)).get(Subject.ORIGINAL).has("perplexity")).isFalse();
            TaskRun next = next(job);
            nll += FakeWorkers.find(next.work()).facts().get("nll").doubleValue();
            job = succeed(job, next);
        }
        assertThat(
                Results.models(new Findings(job, NOW)).get(Subject.ORIGINAL).at("/perplexity/wiki@128").doubleValue())
                .isCloseTo(Math.exp(nll / 3000), within(1e-12));
        assertThat(Protocols.of(new Findings(job, NOW)).at("/perplexity/wiki@128/tokens").intValue()).isEqualTo(3000);
        while (job.isOpen()) {
            job = succeed(job, next(job));
        }
        assertThat(job.state()).isInstanceOf(JobState.Succeeded.class);
    }

    private static ObjectNode part(double nll, long tokens, int segments) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode().put("nll", nll).put("tokens", tokens).put("segments",
                segments).put("textDigest", "a");
        return tokens == 0 ? facts : facts.put("perplexity", Math.exp(nll / tokens));
    }
}
