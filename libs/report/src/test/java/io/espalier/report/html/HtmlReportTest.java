package io.espalier.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.report.Report;
import io.espalier.report.Reports;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class HtmlReportTest {
    @Test
    void isSelfContainedAndEscapesWhatUsersWrote() {
        String html = HtmlReport.of(Reports.recovered());
        assertThat(html).contains("stories &lt;20&gt;").doesNotContain("stories <20>").doesNotContain("http://")
                .doesNotContain("https://").doesNotContain("<script");
    }

    @Test
    void everyPictureIsWellFormedAndShowsItsData() throws Exception {
        Report report = Reports.recovered();
        assertThat(count(Charts.perplexity(report), "rect")).isEqualTo(3);
        assertThat(count(Charts.losses(report.recovery()), "circle")).isEqualTo(2);
        assertThat(count(Charts.stages(report), "rect")).isEqualTo(1);
        Document layers = parse(Charts.layers(report.plan()));
        // Four groups and two bars in each of two layers.
        assertThat(layers.getElementsByTagName("rect").getLength()).isEqualTo(2 * (4 + 2));
        assertThat(count(Charts.pareto(List.of(report), "tiny@128"), "circle")).isEqualTo(3);
    }

    @Test
    void protocolsStandBesideTheNumbers() {
        assertThat(HtmlReport.of(Reports.recovered())).contains("title=\"0123456789abcdef\">0123456789ab…")
                .contains("<th>bosRule</th>").contains("<th scope=\"row\">wikitext</th>");
    }

    @Test
    void aFailedJobStillHasAPage() {
        Report failed = Reports.parse("""
                {"job": {"id": "j-2", "state": "FAILED"}, "request": {"model": "m", "method": {"name": "random"}},
                 "models": {}, "stages": [], "error": {"stage": "PREPARE", "message": "model.safetensors is truncated"}}
                """);
        assertThat(HtmlReport.of(failed)).contains("PREPARE: model.safetensors is truncated")
                .doesNotContain("Before and after");
    }

    @Test
    void comparisonHasARowForEachModelOfEachJob() {
        String html = Compared.of(List.of(Reports.recovered(), Reports.recovered()));
        assertThat(html.split("<tr><th scope=\"row\">", -1)).hasSize(7);
        assertThat(html).contains("Parameters against perplexity tiny@128");
    }

    private static int count(String svg, String element) throws Exception {
        return parse(svg).getElementsByTagName(element).getLength();
    }

    private static Document parse(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }
}
