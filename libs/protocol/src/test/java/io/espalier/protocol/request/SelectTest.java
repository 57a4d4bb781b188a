package io.espalier.protocol.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class SelectTest {
    private static final RequestReader READER = new RequestReader();
    private static final String REQUEST = """
            model: /models/m
            method: { name: llm-pruner, criterion: l1 }
            target: { parameters: 0.8 }
            recovery: { lora: { data: /data/train.txt } }
            evaluation: { perplexity: [ { name: p, text: /data/eval.txt } ] }
            """;

    @Test
    void aNumberMeansSeeds() {
        PruningRequest request = read("select: { candidates: 3, recoverSteps: 20 }");
        assertThat(request.select().recoverSteps()).isEqualTo(20);
        assertThat(request.candidate(0).calibration().seed()).isEqualTo(42);
        assertThat(request.candidate(1).calibration().seed()).isEqualTo(43);
        assertThat(request.candidate(2).calibration().seed()).isEqualTo(44);
        assertThat(request.candidate(2).select()).isNull();
    }

    @Test
    void candidatesAreLaidOverTheRequestWithDefaultsOfTheirOwn() {
        PruningRequest request = read("""
                select:
                  among:
                    - { method: { name: magnitude } }
                    - { method: { reduction: max }, target: { groups: 0.25 } }
                """);
        assertThat(request.select().candidates()).isEqualTo(3);
        assertThat(request.candidate(1).method().text("norm")).isEqualTo("l2");
        assertThat(request.candidate(2).method().text("criterion")).isEqualTo("l1");
        assertThat(request.candidate(2).method().text("reduction")).isEqualTo("max");
        assertThat(request.candidate(2).target()).isEqualTo(new Target(null, 0.25, null, null, null));
        assertThat(request.candidate(1).target()).isEqualTo(request.target());
    }

    @Test
    void readingTheCompleteFormGivesTheSameRequest() {
        PruningRequest request = read("select: { among: [ { method: { name: magnitude } } ] }");
        ObjectNode json = READER.json(request);
        assertThat(READER.read(json)).isEqualTo(request);
        assertThat(READER.json(READER.read(json))).isEqualTo(json);
    }

    @Test
    void whatIsWrongIsNamedWhereItStands() {
        refused(REQUEST.replaceAll("recovery.*\n", "") + "select: { candidates: 2 }", "/select", "recovery.lora");
        refused(REQUEST + "select: { candidates: 3, among: [ { calibration: { seed: 1 } } ] }", "/select/candidates",
                "are 2");
        refused(REQUEST + "select: { among: [ { method: { name: magnitude, norm: l7 } } ] }",
                "/select/among/0/method/norm", "l1");
        refused(REQUEST + "select: { among: [ { method: { name: llm-pruner, iterativeSteps: 2 } } ] }",
                "/select/among/0/method", "rank once");
        refused(REQUEST + "select: { among: [ { method: { criterion: param_first } } ] }",
                "/select/among/0/calibration/text", "draws its statistics");
    }

    private static PruningRequest read(String select) {
        return READER.readAll(REQUEST + select).getFirst();
    }

    private static void refused(String text, String pointer, String message) {
        assertThatThrownBy(() -> READER.readAll(text)).isInstanceOfSatisfying(InvalidRequestException.class,
                e -> assertThat(e.problems()).anySatisfy(problem -> {
                    assertThat(problem.pointer()).isEqualTo(pointer);
                    assertThat(problem.message()).contains(message);
                }));
    }
}
