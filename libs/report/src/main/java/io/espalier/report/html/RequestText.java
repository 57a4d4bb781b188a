package io.espalier.report.html;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.espalier.report.Report;

/** The request as accepted. */
final class RequestText {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private RequestText() {}

    static Section of(Report report) {
        try {
            return new Section("request", "Request", "<pre tabindex=\"0\">" + Svg.escape(JSON.writeValueAsString(report
                    .request())) + "</pre>");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a parsed request can be written again", e);
        }
    }
}
