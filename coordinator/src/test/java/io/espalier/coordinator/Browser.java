package io.espalier.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A headless Chromium of this machine. Every page it shows is looked at by axe in light and dark, and pictured in
 * {@code target/screenshots}, some also as printed; whatever a page writes to the console as an error is kept.
 */
final class Browser implements AutoCloseable {
    /** A busy machine is slow; what never comes is missed all the same. */
    private static final double PATIENCE_MILLIS = 60_000;
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final List<String> SERIOUS = List.of("serious", "critical");

    private final Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of(
            "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    private final com.microsoft.playwright.Browser chromium;
    private final BrowserContext context;
    private final Page page;
    private final List<String> errors = new ArrayList<>();

    Browser(Path executable) {
        chromium = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(executable).setArgs(
                List.of("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")));
        context = chromium
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions().setViewportSize(1280, 860)
                        .setReducedMotion(ReducedMotion.REDUCE));
        page = context.newPage();
        watch(page);
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    }

    /** Where ESPALIER_CHROMIUM says, or where systems put it. */
    static Optional<Path> executable() {
        return Stream.of(System.getenv("ESPALIER_CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser",
                "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome").filter(
                        path -> path != null)
                .map(Path::of).filter(Files::isExecutable).findFirst();
    }

    Page page() {
        return page;
    }

    /** A second tab. */
    Page open(String address) {
        Page other = context.newPage();
        watch(other);
        other.navigate(address);
        return other;
    }

    private void watch(Page watched) {
        watched.onConsoleMessage(message -> {
            // A refused request is reported as an error by the browser itself; what the page makes of it is tested.
            if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
                errors.add(watched.url() + ": " + message.text());
            }
        });
        watched.onPageError(error -> errors.add(watched.url() + ": " + error));
    }

    /** What pages complained about since they were opened. */
    List<String> errors() {
        return List.copyOf(errors);
    }

    /** Pictures and inspects a state of a page, in light and in dark. */
    void look(Page shown, String name) {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            shown.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            shown.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(SCREENSHOTS.resolve(name + "-"
                    + scheme.name().toLowerCase(java.util.Locale.ROOT) + ".png")));
            AxeBuilder axe = new AxeBuilder(shown);
            if (scheme == ColorScheme.DARK) {
                axe.withRules(List.of("color-contrast")); // all else is the same
            }
            List<Rule> serious = axe.analyze().getViolations().stream().filter(rule -> SERIOUS
                    .contains(rule.getImpact())).toList();
            assertThat(serious).as("axe on " + name + " in " + scheme).extracting(rule -> rule.getId() + " " + rule
                    .getNodes().stream().map(node -> node.getHtml()).limit(3).toList()).isEmpty();
        }
        shown.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
    }

    /** The same on a telephone: nothing sticks out. */
    void lookNarrow(Page shown, String name) {
        shown.setViewportSize(400, 800);
        shown.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(SCREENSHOTS.resolve(name
                + "-narrow.png")));
        assertThat((Integer) shown.evaluate("document.documentElement.scrollWidth")).as("width of " + name)
                .isLessThanOrEqualTo(400);
        shown.setViewportSize(1280, 860);
    }

    /** As it comes out of a printer: {@code target/screenshots/NAME.pdf}. */
    void print(Page shown, String name) {
        shown.pdf(new Page.PdfOptions().setFormat("A4").setPath(SCREENSHOTS.resolve(name + ".pdf")));
    }

    @Override
    public void close() {
        playwright.close();
    }
}
