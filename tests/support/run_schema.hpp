// Checks the JSON of a run against docs/run.schema.json.
#pragma once

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#ifdef DRYDOCK_HAS_VALIJSON
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#endif

namespace drydock::test {

#ifdef DRYDOCK_HAS_VALIJSON
inline constexpr bool can_check_schemas = true;

/// The schema of runs. To parse it takes longer than to check a document against it.
struct RunSchema {
    RunSchema() {
        std::ifstream file(DRYDOCK_RUN_SCHEMA);
        const nlohmann::json text = nlohmann::json::parse(file);
        valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
        parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
    }
    valijson::Schema schema;
};

/// What is wrong with the document: the first fault found. Empty: nothing.
inline std::string objection_of_schema(const nlohmann::json& document) {
    static const RunSchema runs;
    valijson::Validator validator;
    valijson::ValidationResults results;
    const valijson::adapters::NlohmannJsonAdapter target(document);
    if (validator.validate(runs.schema, target, &results)) return {};
    std::string objection = "it does not match";
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        std::string place;
        for (const std::string& part : error.context) place += part;
        objection += "\n" + place + ": " + error.description;
    }
    return objection;
}
#else
inline constexpr bool can_check_schemas = false;
inline std::string objection_of_schema(const nlohmann::json&) { return {}; }
#endif

}  // namespace drydock::test
