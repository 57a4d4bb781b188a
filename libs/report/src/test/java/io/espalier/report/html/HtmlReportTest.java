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
import org.w3c.dom.Element;

class HtmlReportTest {
    @Test
    void isSelfContainedAndEscapesWhatUsersWrote() {
        String html = HtmlReport.of(Reports.recovered());
        assertThat(html).contains("stories &lt;20&gt;").doesNotContain("stories <20>").doesNotContain("http://")
                .doesNotContain("https://").doesNotContain("<script").contains("@media print");
    }

    @Test
    void everySectionIsWellFormedAndShowsItsData() throws Exception {
        Report report = Reports.recovered();
        for (Section section : Sections.of(report)) {
            assertThat(parse(section.markup()).getElementsByTagName("h2").getLength()).as(section.id()).isEqualTo(1);
        }
        assertThat(Sections.of(report)).extracting(Section::id).containsExactly("before-after", "perplexity", "tasks",
                "kept", "importance", "search", "recovery", "protocols", "time", "environment", "request");
        assertThat(count(PerplexityBars.of(report), "rect")).isEqualTo(3);
        assertThat(count(TaskBars.of(report), "rect")).isEqualTo(2);
        assertThat(count(LossCurve.of(report), "circle")).isEqualTo(2);
        assertThat(count(SearchScatter.of(report), "circle")).as("candidates, and the best of each round")
                .isEqualTo(5 + 2);
        assertThat(count(StageTimes.of(report), "rect")).isEqualTo(1);
        // Two legends; of three units with scores each is in a bin of its own.
        assertThat(count(ImportanceHistograms.of(report), "rect")).isEqualTo(2 + 3);
    }

    @Test
    void theLayerMapTellsUnitsOfTheOriginalEvenIfNoLayerKeptTheLast() throws Exception {
        Element svg = (Element) parse(LayerMap.of(Reports.recovered()).markup()).getElementsByTagName("svg").item(0);
        assertThat(svg.getTextContent()).contains("2 of 5", "1 of 5", "3 of 6", "2 of 6")
                .contains("layer 0, group 4: removed", "layer 0, group 3: kept");
    }

    @Test
    void barsBeginAtZeroAndOneThatDwarfsTheOthersIsCutAndSaysSo() throws Exception {
        String svg = new Bars("b").group("p").bar("original", 4, "4").bar("pruned", 8, "8").bar("recovered", 4000,
                "4,000").end(Double.NaN, Double.NaN);
        var rects = parse(svg).getElementsByTagName("rect");
        double original = width(rects.item(0));
        assertThat(width(rects.item(1))).isEqualTo(2 * original, org.assertj.core.api.Assertions.within(0.02));
        assertThat(width(rects.item(2))).isEqualTo(width(rects.item(1)));
        assertThat(svg).contains("4,000 (bar cut)").doesNotContain("8 (bar cut)");
    }

    private static double width(org.w3c.dom.Node rect) {
        return Double.parseDouble(((Element) rect).getAttribute("width"));
    }

    @Test
    void ticksAreRoundAndInside() {
        assertThat(Axis.linear(0, 97, 0, 1).ticks()).containsExactly(0.0, 20.0, 40.0, 60.0, 80.0);
        assertThat(Axis.counting(0, 2, 0, 1).ticks()).as("units are whole").containsExactly(0.0, 1.0, 2.0);
        assertThat(Axis.logarithmic(0.5, 2e6, 0, 1).ticks()).allMatch(t -> t >= 0.5 && t <= 2e6).contains(1.0, 1e6);
        assertThat(Axis.around(new double[]{4, 5000}, 0, 1).log()).isTrue();
        assertThat(Axis.around(new double[]{4, 6}, 0, 1).log()).isFalse();
        assertThat(List.of(Axis.label(0), Axis.label(0.25), Axis.label(1200), Axis.label(2e-7))).containsExactly("0",
                "0.25", "1,200", "2e-7");
    }

    @Test
    void protocolsStandBesideTheNumbers() {
        assertThat(HtmlReport.of(Reports.recovered())).contains("<td>0123456789ab…</td>")
                .contains("<th scope=\"col\">bosRule</th>").contains("<th scope=\"row\">wikitext</th>");
    }

    @Test
    void plansThatWereComparedStandInATable() {
        Report report = Reports.parse("""
                {"job": {"id": "j-3", "state": "SUCCEEDED"}, "request": {"model": "m", "method": {"name": "random"}},
                 "models": {}, "stages": [], "plan": {"layers": [], "achieved": {"parameters": 8, "share": 0.8},
                 "selection": {"protocol": "tiny@128", "recoverSteps": 20, "chosen": 1, "flipped": true,
                   "orderBefore": [0, 1], "orderAfter": [1, 0], "candidates": [
                     {"differs": {}, "parameters": 8, "before": 5.0, "after": 4.5, "accepted": true},
                     {"differs": {"method": {"name": "<b>"}}, "parameters": 8, "before": 6, "after": 4.25, "accepted": true}]}}}
                """);
        assertThat(HtmlReport.of(report)).contains("The order changed with recovery.").contains("1 (chosen)")
                .contains("after 20 steps").contains("&lt;b&gt;");
        assertThat(HtmlReport.of(Reports.recovered())).doesNotContain("1 (chosen)");
    }

    @Test
    void aFailedJobStillHasAPage() {
        Report failed = Reports.parse("""
                {"job": {"id": "j-2", "state": "FAILED"}, "request": {"model": "m", "method": {"name": "random"}},
                 "models": {}, "error": {"stage": "PREPARE", "message": "model.safetensors is truncated"}, "stages": [
                   {"stage": "PREPARE", "tasks": 1, "attempts": 1, "wallSeconds": 2.5}, {"stage": "SCORE"}]}
                """);
        assertThat(HtmlReport.of(failed)).contains("PREPARE: model.safetensors is truncated", "2.5 s")
                .as("what is empty, and stages that never began").doesNotContain("Before and after", "SCORE");
    }

    @Test
    void aComparisonTellsWhatWasAskedDifferentlyAndWhatCameOfIt() {
        Report other = Reports.parse("""
                {"job": {"id": "j-9", "name": "other", "state": "SUCCEEDED"},
                 "request": {"model": "/models/stories", "method": {"name": "magnitude"}},
                 "models": {"original": {"parameters": 1000, "perplexity": {"tiny@128": 4.0}},
                            "pruned": {"parameters": 900, "perplexity": {"tiny@128": 4.5}}}, "stages": []}
                """);
        String html = Compared.of(List.of(Reports.recovered(), other));
        assertThat(html).contains("/method/name", "llm-pruner", "magnitude").doesNotContain("/models/stories")
                .contains("Parameters against perplexity tiny@128").contains("900 (-10.0\u00a0%)");
        // One original, pruned and recovered of the first, pruned of the second.
        assertThat(html.split("<circle", -1)).hasSize(1 + 4);
        // The recovered model of the first is beaten by none; its pruned one by the recovered.
        assertThat(Compared.of(List.of(other, other))).contains("the requests are the same");
    }

    private static int count(Section section, String element) throws Exception {
        return parse(section.markup()).getElementsByTagName(element).getLength();
    }

    private static Document parse(String markup) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream(markup.strip().getBytes(StandardCharsets.UTF_8)));
    }
}
