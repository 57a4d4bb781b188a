package io.espalier.protocol.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.espalier.protocol.request.Latency.Phase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatencyTargetTest {
    private static final RequestReader READER = new RequestReader();
    private static final String REQUEST = """
            model: models/llama
            method: %s
            target: { latency: %s }
            calibration: { text: books.txt }
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"0.7 | PREFILL | true | 0.7 | {\"prefill\":0.7}",
        "45ms | PREFILL | false | 45 | {\"prefill\":\"45ms\"}",
        "4.50 ms | PREFILL | false | 4.5 | {\"prefill\":\"4.5ms\"}",
        "{ prefill: 0.5 } | PREFILL | true | 0.5 | {\"prefill\":0.5}",
        "{ decode: 0.8 } | DECODE | true | 0.8 | {\"decode\":0.8}",
        "{ decode: 100ms } | DECODE | false | 100 | {\"decode\":\"100ms\"}"})
    void readsSharesAndMillisecondsOfEitherPass(String text, Phase phase, boolean relative, double limit, String json) {
        PruningRequest request = read("{ name: llm-pruner }", text);
        assertThat(request.target()).isEqualTo(new Target(null, null, null, null, new Latency(phase, relative, limit)));
        assertThat(request.targetsLatency()).isTrue();
        assertThat(READER.json(request).at("/target/latency")).hasToString(json);
        assertThat(READER.read(READER.json(request))).isEqualTo(request);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"1 | /target/latency | 1 is too large: less than 1",
        "0 | /target/latency | 0 is too small: more than 0", "0 ms | /target/latency | no model takes 0 ms",
        "{ decode: 0.0ms } | /target/latency | no model takes 0 ms",
        "45s | /target/latency | '45s' has the wrong form. Time that a forward pass may take",
        "70% | /target/latency | '70%' has the wrong form",
        "true | /target/latency | true is not a number or a text or an object with keys",
        "{ decode: 2 } | /target/latency/decode | 2 is too large: less than 1",
        "{ decode: fast } | /target/latency/decode | 'fast' has the wrong form. A share of the original's time",
        "{ } | /target/latency | write exactly one of prefill, decode",
        "{ decode: 0.5, prefill: 0.5 } | /target/latency | write exactly one of prefill, decode",
        "{ decoding: 0.5 } | /target/latency/decoding | the nearest known key is 'decode'"})
    void refusesWhatIsNoTime(String text, String pointer, String message) {
        assertThat(problem("{ name: llm-pruner }", text)).satisfies(problem -> {
            assertThat(problem.pointer()).isEqualTo(pointer);
            assertThat(problem.message()).contains(message);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{ name: search } | search compares plans of one size",
        "{ name: adapruner } | adapruner compares plans of one size", "{ name: nirvana, sets: 2 } | nirvana compares",
        "{ name: llm-pruner, mode: channel-wise } | mode channel-wise narrows the hidden size"})
    void refusesMethodsWhosePlansItCannotTime(String method, String message) {
        assertThat(problem(method, "0.7")).satisfies(problem -> {
            assertThat(problem.pointer()).isEqualTo("/target/latency");
            assertThat(problem.message()).contains(message).contains("target.parameters");
        });
    }

    @Test
    void aCandidateMayBeHeldToATime() {
        PruningRequest request = READER.readAll("""
                model: models/llama
                method: { name: magnitude }
                target: { parameters: 0.8 }
                recovery: { lora: { data: books.txt } }
                select: { among: [ { target: { latency: 0.7 } } ] }
                evaluation: { perplexity: [ { name: books, text: books.txt } ] }
                """).getFirst();
        assertThat(request.targetsLatency()).isTrue();
        assertThat(request.candidate(0).targetsLatency()).isFalse();
        assertThat(request.candidate(1).targetsLatency()).isTrue();
    }

    private static PruningRequest read(String method, String latency) {
        return READER.readAll(REQUEST.formatted(method, latency)).getFirst();
    }

    private static RequestProblem problem(String method, String latency) {
        InvalidRequestException refusal = catchThrowableOfType(InvalidRequestException.class, () -> read(method,
                latency));
        assertThat(refusal.problems()).hasSize(1);
        return refusal.problems().getFirst();
    }
}
