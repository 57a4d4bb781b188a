package io.espalier.report.html;

import io.espalier.report.Report;
import java.util.List;
import java.util.function.Function;

/** The parts of a report in reading order, for report.html and for the live page. A new part is a class and a line here. */
public final class Sections {
    private static final List<Function<Report, Section>> ALL = List.of(BeforeAfter::of, PerplexityBars::of,
            TaskBars::of, LayerMap::of, ImportanceHistograms::of, SearchScatter::of, SelectionTable::of,
            LatencySection::of, LossCurve::of,
            ProtocolTables::of, ExportTable::of, StageTimes::of, Surroundings::of, RequestText::of);

    private Sections() {}

    /** Those that have something to say. */
    public static List<Section> of(Report report) {
        return ALL.stream().map(part -> part.apply(report)).filter(section -> !section.isEmpty()).toList();
    }
}
