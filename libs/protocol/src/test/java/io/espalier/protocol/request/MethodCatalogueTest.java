package io.espalier.protocol.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.request.MethodCatalogue.Method;
import io.espalier.protocol.request.MethodCatalogue.Option;
import io.espalier.protocol.topic.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class MethodCatalogueTest {
    private final RequestReader reader = new RequestReader();
    private final MethodCatalogue catalogue = reader.methods();

    @Test
    void knowsTheEightMethods() {
        assertThat(catalogue.all()).extracting(Method::name).containsExactly("llm-pruner", "search", "nirvana",
                "adapruner", "numerical", "llm-bip", "magnitude", "random");
    }

    @Test
    void everyMethodAndOptionIsDescribed() {
        for (Method method : catalogue.all()) {
            assertThat(List.of(method.title(), method.description(), method.paper())).as(method.name())
                    .noneMatch(String::isBlank);
            assertThat(method.samples()).as(method.name()).isPositive();
            assertThat(method.options()).as(method.name()).isNotEmpty()
                    .allSatisfy(option -> assertThat(option.description()).as(option.name()).isNotBlank());
        }
    }

    @Test
    void showsTypeAndDefaultOfAnOption() {
        Option criterion = catalogue.get("llm-pruner").options().getFirst();

        assertThat(criterion.name()).isEqualTo("criterion");
        assertThat(criterion.type()).startsWith("one of l1, l2, random");
        assertThat(criterion.defaultValue().textValue()).isEqualTo("param_first");
    }

    @Test
    void everyDefaultIsItselfValid() {
        for (Method method : catalogue.all()) {
            var request = Json.requests().createObjectNode().put("model", "m");
            request.putObject("method").put("name", method.name());
            request.putObject("target").put("parameters", 0.5);
            request.putObject("calibration").put("text", "t");

            PruningRequest complete = reader.read(request);

            assertThat(reader.read(reader.json(complete))).isEqualTo(complete);
            assertThat(complete.calibration().samples()).isEqualTo(method.samples());
            for (Option option : method.options()) {
                assertThat(complete.method().json().get(option.name())).as(option.name())
                        .isEqualTo(option.defaultValue());
            }
        }
    }
}
