// The page's template: what is of the run goes into it escaped.
#include "sim/picture/page.hpp"

#include <nlohmann/json.hpp>

#include "sim/picture/bundle.hpp"
#include "sim/picture/encoding.hpp"

namespace drydock::sim {
namespace {

using Json = nlohmann::ordered_json;

/// As text of an element or of an attribute.
std::string as_html(std::string_view text) {
    std::string html;
    for (const char c : text) {
        switch (c) {
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '&':
                html += "&amp;";
                break;
            case '"':
                html += "&quot;";
                break;
            case '\'':
                html += "&#39;";
                break;
            default:
                html += c == '\0' ? std::string("\xef\xbf\xbd") : std::string(1, c);
        }
    }
    return html;
}

/// As the text of a script element: without "<", nothing in it can end the element.
std::string json_in_script(const Json& json) {
    std::string text;
    for (const char c : json.dump()) {
        if (c == '<') {
            text += "\\u003c";
        } else {
            text += c;
        }
    }
    return text;
}

/// "'sha256-...'": the one script, or style, that the page may have.
std::string source_of(const BundledFile& file) {
    std::string digest;
    for (std::size_t i = 0; i + 1 < file.sha256.size(); i += 2) {
        digest += static_cast<char>(std::stoi(std::string(file.sha256.substr(i, 2)), nullptr, 16));
    }
    return "'sha256-" + base64(digest) + "'";
}

std::string policy() {
    return "default-src 'none'; script-src " + source_of(viewer_script()) + "; style-src " +
           source_of(viewer_style()) + "; img-src data: blob:; base-uri 'none'; form-action 'none'";
}

std::string paragraph(const std::string& text) {
    return text.empty() ? std::string() : "<p>" + as_html(text) + "</p>\n";
}

std::string verdict_of(const Json& run) {
    const Json& verdict = run["verdict"];
    if (verdict["passed"].get<bool>()) return paragraph("passed");
    return "<p><strong>failed: <span class=\"property\">" +
           as_html(verdict["property"].get<std::string>()) + "</span></strong></p>\n" +
           "<p class=\"sentence\">" + as_html(verdict["sentence"].get<std::string>()) + "</p>\n" +
           paragraph(verdict.contains("expected")
                         ? "expected: " + verdict["expected"].get<std::string>()
                         : "");
}

/// What the page says without a script.
std::string text_part(const Json& json) {
    const auto scenario = json["scenario"].get<std::string>();
    std::string text = "<h1>" + as_html(scenario) + "</h1>\n";
    if (json["format"] != "drydock-comparison") return text + verdict_of(json);
    for (const Json& run : json["runs"]) {
        const Json& origin = run["origin"];
        if (origin.contains("file")) text += paragraph(origin["file"].get<std::string>());
        text += verdict_of(run);
    }
    const Json& difference = json["first_difference"];
    return difference.is_null() ? text
                                : text + paragraph(difference["sentence"].get<std::string>());
}

}  // namespace

std::string page_of(const nlohmann::ordered_json& json) {
    std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    page += "<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy() + "\">\n";
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
    page += as_html(json["scenario"].get<std::string>()) + " - drydock</title>\n<style>";
    page += viewer_style().text;
    page += "</style>\n</head>\n<body>\n<header id=\"verdict\">\n" + text_part(json);
    page += "</header>\n<noscript><p>The picture of the run needs JavaScript.</p></noscript>\n";
    page += "<main id=\"view\"></main>\n<script type=\"application/json\" id=\"drydock-run\">";
    page += json_in_script(json);
    page += "</script>\n<script>";
    page += viewer_script().text;
    page += "</script>\n</body>\n</html>\n";
    return page;
}

}  // namespace drydock::sim
