package io.espalier.cli.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.topic.Json;
import org.junit.jupiter.api.Test;

class JobNamesTest {
    @Test
    void areReadableLegalAndDifferent() {
        assertThat(name("Stories: 80 %!", "m")).matches("stories-80-[a-z0-9]{6}");
        assertThat(name(null, "/models/Llama-3-8B")).matches("llama-3-8b-[a-z0-9]{6}");
        assertThat(name("ÄÖ", "/")).matches("job-[a-z0-9]{6}");
        assertThat(name("x".repeat(300), "m")).hasSizeLessThan(60);
        assertThat(name("a", "m")).isNotEqualTo(name("a", "m"));
    }

    private static String name(String label, String model) {
        ObjectNode request = Json.requests().createObjectNode().put("model", model);
        if (label != null) {
            request.put("name", label);
        }
        return JobNames.fresh(request).value();
    }
}
