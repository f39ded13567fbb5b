/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <caustic/report.h>

static json_t *
make_record(caustic_command command, const caustic_case_t problem, const caustic_run_options * options)
{
    switch (command)
    {
        case CAUSTIC_COMMAND_DERIVE: return caustic_report_derive(problem, options);
        case CAUSTIC_COMMAND_AUDIT: return caustic_report_audit(problem, options);
        case CAUSTIC_COMMAND_VERIFY: return caustic_report_verify(problem, options);
        case CAUSTIC_COMMAND_SHOCK: return caustic_report_shock(problem, options);
        default: return caustic_report_table(problem, options);
    }
}

static json_t *
record_of(caustic_command command, const char * text)
{
    caustic_case_t problem;
    caustic_error_t error;
    caustic_run_options options;
    json_t * record;

    caustic_error_init(error);
    caustic_run_options_init(&options);
    if (caustic_case_read_text(problem, text, strlen(text), "test.yaml", error) != CAUSTIC_OK)
        fail_msg("%ld:%ld: %s\n%s", (long) error->line, (long) error->column, error->message, text);
    record = make_record(command, problem, &options);
    caustic_case_clear(problem);
    caustic_error_clear(error);
    caustic_run_options_clear(&options);
    return record;
}

static const char *
string_at(const json_t * object, const char * key)
{
    const char * string = json_string_value(json_object_get(object, key));

    if (string == NULL)
        fail_msg("no text at %s", key);
    return string;
}

static const json_t *
entry(const json_t * object, const char * key, size_t i)
{
    return json_array_get(json_object_get(object, key), i);
}

#define CHAIN "name: chain\npreset: {kind: relu-chain, depth: 2}\n"
#define LOSS "loss: \"(z - 2)^2/2\"\n"
#define SHOCK "shock: {box: [[\"1/100\", \"3\"]]}\n"

static void
test_derive(void ** state)
{
    json_t * record = record_of(CAUSTIC_COMMAND_DERIVE, CHAIN LOSS);
    (void) state;

    assert_string_equal(string_at(record, "case"), "chain");
    assert_string_equal(string_at(record, "verdict"), "PROVED");
    assert_string_equal(json_string_value(json_array_get(entry(record, "cometric", 0), 0)), "2*z^2");
    assert_string_equal(json_string_value(json_array_get(entry(record, "metric", 0), 0)), "1/(2*z^2)");
    assert_string_equal(json_string_value(entry(record, "drift", 0)), "2*z");
    assert_string_equal(json_string_value(entry(record, "weight_gradient", 0)), "0");
    assert_string_equal(string_at(record, "scalar_curvature"), "0");
    assert_true(json_is_true(json_object_get(record, "flat")));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(record, "dimension"), "group")), 1);
    assert_non_null(strstr(string_at(json_object_get(record, "equations"), "hamilton_jacobi"), "u_t"));
    assert_non_null(strstr(string_at(json_object_get(record, "latex"), "hamilton_jacobi"), "\\nu"));
    assert_null(json_object_get(record, "expected"));
    assert_int_equal(caustic_report_outcome(record), CAUSTIC_PROVED);
    json_decref(record);
}

/* An audit that decides counts as success, whichever way; what a case expects of it is weighed. */
static void
test_audit(void ** state)
{
    static const struct
    {
        const char * text, * verdict;
        caustic_verdict outcome;
    }
    cases[] =
    {
        {CHAIN, "HOLDS_ON_LEAVES", CAUSTIC_PROVED},
        {CHAIN "optimiser: {metric: [[w1^2, 0], [0, w2^2]]}\n", "HOLDS", CAUSTIC_PROVED},
        {"name: head\npreset: {kind: attention, model: 2, head: 2, product: qk}\n", "FAILS", CAUSTIC_PROVED},
        {"name: big\npreset: {kind: relu-layer, inputs: 784, hidden: 512}\n", "HOLDS_ON_LEAVES", CAUSTIC_PROVED},
        {"name: big\npreset: {kind: attention, model: 6, head: 6}\n", "UNDECIDED", CAUSTIC_UNDECIDED},
        {CHAIN "expect: {audit: HOLDS_ON_LEAVES}\n", "HOLDS_ON_LEAVES", CAUSTIC_PROVED},
        {CHAIN "expect: {audit: FAILS}\n", "HOLDS_ON_LEAVES", CAUSTIC_REFUTED},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_case_t problem;
        caustic_error_t error;
        caustic_run_options options;
        json_t * record;

        caustic_error_init(error);
        assert_int_equal(caustic_case_read_text(problem, cases[i].text, strlen(cases[i].text), "test", error), CAUSTIC_OK);
        caustic_run_options_init(&options);
        record = caustic_report_audit(problem, &options);
        assert_string_equal(string_at(record, "verdict"), cases[i].verdict);
        assert_int_equal(caustic_report_outcome(record), cases[i].outcome);
        if (i == 0)
        {
            assert_int_equal(json_integer_value(json_object_get(record, "conserved")), 1);
            assert_string_equal(json_string_value(entry(record, "charges", 0)), "w2^2 - w1^2");
            assert_string_equal(json_string_value(json_array_get(entry(record, "leaf_cometric", 0), 0)), "sqrt(c^2 + 4*z^2)");
            assert_int_equal(json_array_size(json_object_get(json_object_get(record, "witness"), "points")), 2);
        }
        json_decref(record);
        caustic_run_options_clear(&options);
        caustic_case_clear(problem);
        caustic_error_clear(error);
    }
}

/* A preset says in words where it is defined; who writes a setting out knows. */
static void
test_setting(void ** state)
{
    json_t * preset = record_of(CAUSTIC_COMMAND_DERIVE, CHAIN);
    json_t * units = record_of(CAUSTIC_COMMAND_DERIVE, "name: layer\npreset: {kind: relu-layer, inputs: 2, hidden: 3}\n");
    json_t * written = record_of(CAUSTIC_COMMAND_DERIVE, "name: line\nparameters: [{name: x}]\nmetric: euclidean\n");
    (void) state;

    assert_non_null(strstr(string_at(preset, "setting"), "signs never mix"));
    assert_non_null(strstr(string_at(units, "setting"), "product of 3 such units"));
    assert_null(json_object_get(written, "setting"));
    json_decref(preset);
    json_decref(units);
    json_decref(written);
}

/* The outcome counts what was expected, the verdict stays what it is. */
static void
test_expectations(void ** state)
{
    json_t * met = record_of(CAUSTIC_COMMAND_DERIVE, CHAIN "claims: {cometric: [[\"3*z^2\"]]}\nexpect: {derive: REFUTED}\n");
    json_t * unmet = record_of(CAUSTIC_COMMAND_DERIVE, CHAIN "expect: {derive: REFUTED}\n");
    json_t * plain = record_of(CAUSTIC_COMMAND_DERIVE, CHAIN "claims: {cometric: [[\"3*z^2\"]]}\n");
    (void) state;

    assert_string_equal(string_at(met, "verdict"), "REFUTED");
    assert_true(json_is_true(json_object_get(met, "as_expected")));
    assert_int_equal(caustic_report_outcome(met), CAUSTIC_PROVED);

    assert_string_equal(string_at(unmet, "verdict"), "PROVED");
    assert_true(json_is_false(json_object_get(unmet, "as_expected")));
    assert_int_equal(caustic_report_outcome(unmet), CAUSTIC_REFUTED);

    assert_int_equal(caustic_report_outcome(plain), CAUSTIC_REFUTED);
    json_decref(met);
    json_decref(unmet);
    json_decref(plain);
}

static void
test_shock(void ** state)
{
    json_t * record = record_of(CAUSTIC_COMMAND_SHOCK, CHAIN LOSS SHOCK "claims: {shock_time: \"1\", shock_at: [\"1/2\"]}\n");
    const json_t * routes = json_object_get(record, "routes");
    arb_t lower, upper;
    (void) state;

    assert_string_equal(string_at(record, "verdict"), "PROVED");
    assert_string_equal(string_at(record, "scope"), "global");
    assert_true(json_is_true(json_object_get(record, "shock")));
    assert_string_equal(string_at(json_object_get(record, "claim"), "verdict"), "PROVED");
    assert_int_equal(json_array_size(routes), 2);
    assert_string_equal(string_at(json_array_get(routes, 1), "name"), "characteristics");

    /* both routes bracket 1 within 10^-29 */
    arb_init(lower);
    arb_init(upper);
    for (size_t i = 0; i < 2; i++)
    {
        const json_t * route = json_array_get(routes, i);

        assert_int_equal(arb_set_str(lower, string_at(route, "lower"), 200), 0);
        assert_int_equal(arb_set_str(upper, string_at(route, "upper"), 200), 0);
        arb_sub_ui(lower, lower, 1, 200);
        arb_sub_ui(upper, upper, 1, 200);
        assert_false(arb_is_positive(lower));
        assert_false(arb_is_negative(upper));
        arb_sub(upper, upper, lower, 200);
        arb_mul_si(upper, upper, 10, 200);
        arb_set_str(lower, "1e-28", 200);
        assert_true(arb_lt(upper, lower));
    }
    arb_clear(lower);
    arb_clear(upper);
    json_decref(record);
}

/* t* = (pi - theta)/theta with theta = 2 atan(1/2), and claims that are not quite that. */
#define RAY "name: ray\npreset: {kind: batchnorm, fan_in: 3}\nloss: \"(2*atan(sqrt(z1^2 + z2^2)))^2/2\"\n" \
    "shock: {scope: ray, from: [\"1/2\", \"0\"]}\n"

static void
check_ray(const char * claims, const char * verdict)
{
    json_t * record = record_of(CAUSTIC_COMMAND_SHOCK, claims);
    const json_t * routes = json_object_get(record, "routes");

    assert_string_equal(string_at(record, "verdict"), verdict);
    assert_string_equal(string_at(record, "scope"), "ray");
    assert_true(json_is_true(json_object_get(record, "shock")));
    assert_int_equal(json_integer_value(json_object_get(record, "multiplicity")), 1);
    assert_int_equal(json_array_size(json_object_get(record, "from")), 2);
    assert_int_equal(json_array_size(routes), 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(strncmp(string_at(json_array_get(routes, i), "lower"), "2.387909904636574045450", 20) == 0);
    json_decref(record);
}

static void
test_ray(void ** state)
{
    (void) state;
    check_ray(RAY, "PROVED");
    check_ray(RAY "claims: {shock_time: \"(pi - 2*atan(1/2))/(2*atan(1/2))\", shock_at: [\"1/2\", \"0\"]}\n", "PROVED");
    check_ray(RAY "claims: {shock_time: \"(pi - 2*atan(1/2))/(2*atan(1/2)) + 1e-28\"}\n", "REFUTED");
    check_ray(RAY "claims: {shock_time: none}\n", "REFUTED");
    check_ray(RAY "claims: {shock_at: [\"1/2\", \"1e-40\"]}\n", "REFUTED");
}

/* No shock, and no verdict at all, on what is not a quotient. */
static void
test_unproved_reduction_proves_nothing(void ** state)
{
    static const char * const text =
        "name: euclidean\n"
        "parameters: [{name: a, domain: \"(0, inf)\"}, {name: w, domain: \"(0, inf)\"}]\n"
        "metric: euclidean\n"
        "action: {generators: [[\"-a\", \"w\"]]}\n"
        "quotient: [{name: z, is: \"a*w\", domain: \"(0, inf)\"}]\n"
        "section: [\"1\", \"z\"]\n" LOSS SHOCK
        "verify: {viscosity: [\"1/20\"], box: [[\"1/2\", \"3\"]], time: [\"1/10\", \"1\"]}\n";
    json_t * shock = record_of(CAUSTIC_COMMAND_SHOCK, text);
    json_t * verify = record_of(CAUSTIC_COMMAND_VERIFY, text);
    (void) state;

    assert_string_equal(string_at(shock, "verdict"), "REFUTED");
    assert_null(json_object_get(shock, "time"));
    assert_non_null(strstr(string_at(shock, "detail"), "isometry"));
    assert_string_equal(string_at(verify, "verdict"), "REFUTED");
    assert_null(json_object_get(verify, "checks"));
    json_decref(shock);
    json_decref(verify);
}

/* Rotations of a half plane: in r = sqrt(q) the characteristic from q = 1/10 reaches r = 0, the end
   of the quotient, before the time -1/h at which it would focus. */
static void
test_focal_time_beyond_the_end(void ** state)
{
    json_t * record = record_of(CAUSTIC_COMMAND_SHOCK,
        "name: rotations\n"
        "parameters: [{name: x, domain: \"(0, inf)\"}, {name: y, domain: \"(-inf, inf)\"}]\n"
        "metric: euclidean\n"
        "action: {generators: [[\"-y\", \"x\"]]}\n"
        "stratum: [\"x^2 + y^2\"]\n"
        "quotient: [{name: q, is: \"x^2 + y^2\", domain: \"(0, inf)\"}]\n"
        "section: [\"sqrt(q)\", \"0\"]\n"
        "loss: \"(q - 1)^2/4\"\n"
        "shock: {box: [[\"1/10\", \"2\"]]}\n"
        "claims: {shock_time: \"10/7\"}\n");
    (void) state;

    assert_string_equal(string_at(record, "verdict"), "UNDECIDED");
    assert_null(json_object_get(record, "shock"));
    assert_null(json_object_get(record, "time"));
    assert_string_equal(string_at(json_object_get(record, "claim"), "verdict"), "UNDECIDED");
    assert_non_null(strstr(string_at(record, "detail"), "not proved complete"));
    json_decref(record);
}

/* The line without the point 1/4 is no line, for the kernel and for characteristics: that from 0 runs into the hole when it moves, and
   focuses when it stands still. */
static void
test_holes(void ** state)
{
#define HOLE(loss) \
        "name: hole\n" \
        "parameters: [{name: s, domain: \"(-inf, inf)\"}]\n" \
        "metric: euclidean\n" \
        "stratum: [\"s - 1/4\"]\n" \
        "loss: \"" loss "\"\n" \
        "verify: {viscosity: [\"1/20\"], box: [[\"-1/2\", \"1/5\"]], time: [\"1/10\", \"1\"]}\n" \
        "shock: {box: [[\"-1/2\", \"1/5\"]]}\n"
    json_t * verify = record_of(CAUSTIC_COMMAND_VERIFY, HOLE("(s^2 - 1)^2/4"));
    json_t * moving = record_of(CAUSTIC_COMMAND_SHOCK, HOLE("(s^2 - 1)^2/4 + s/2"));
    json_t * resting = record_of(CAUSTIC_COMMAND_SHOCK, HOLE("(s^2 - 1)^2/4"));
    (void) state;

    assert_string_equal(string_at(verify, "verdict"), "UNDECIDED");
    assert_string_equal(string_at(moving, "verdict"), "UNDECIDED");
    assert_null(json_object_get(moving, "time"));
    assert_string_equal(string_at(resting, "verdict"), "PROVED");
    json_decref(verify);
    json_decref(moving);
    json_decref(resting);
#undef HOLE
}

/* A map that is not defined on the whole domain is no flat coordinate of it. */
static void
test_normal_form_defined(void ** state)
{
    json_t * record = record_of(CAUSTIC_COMMAND_DERIVE,
        "name: half\n"
        "parameters: [{name: x, domain: \"(-inf, inf)\"}]\n"
        "metric: euclidean\n"
        "normal_form: {kind: euclidean, map: [\"x + 0*log(x)\"]}\n");
    (void) state;

    assert_string_not_equal(string_at(record, "verdict"), "PROVED");
    assert_null(json_object_get(record, "normal_form"));
    json_decref(record);
}

/* Circles and spheres are found without being named; what only looks like one is not. */
static void
test_round_forms(void ** state)
{
#define UNIT2 "sqrt(w1^2 + w2^2)"
#define AT "verify: {viscosity: [\"1/10\"], box: [[\"1/2\", \"1\"]], time: [\"1/10\", \"1/2\"], tolerance: \"1e-20\"}\n"
    static const struct
    {
        const char * text, * verdict;
    }
    cases[] =
    {
        {"name: circle\npreset: {kind: batchnorm, fan_in: 2}\nloss: \"log(1 + exp(-(w1 + 2*w2)/" UNIT2 "))\"\n" AT, "PROVED"},
        {"name: interval\nparameters: [{name: x, domain: \"(-3, 3)\"}]\nmetric: euclidean\nloss: \"cos(x)\"\n" AT, "UNDECIDED"},
        {"name: arc\nparameters: [{name: x}]\nmetric: [[\"(1 + x^2)^2/4\"]]\nloss: \"x/(1 + x^2)\"\n" AT, "UNDECIDED"},
        {"name: jump\npreset: {kind: batchnorm, fan_in: 2}\nloss: \"(z - 1)^2/(1 + z^2) + atan(z)\"\n" AT, "UNDECIDED"},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        json_t * record = record_of(CAUSTIC_COMMAND_VERIFY, cases[i].text);

        if (strcmp(string_at(record, "verdict"), cases[i].verdict) != 0)
            fail_msg("%s\nis %s", cases[i].text, string_at(record, "verdict"));
        json_decref(record);
    }
#undef UNIT2
#undef AT
}

static void
test_missing_blocks(void ** state)
{
    (void) state;

    assert_null(record_of(CAUSTIC_COMMAND_SHOCK, CHAIN LOSS));
    assert_null(record_of(CAUSTIC_COMMAND_SHOCK, CHAIN SHOCK));
    assert_null(record_of(CAUSTIC_COMMAND_VERIFY, CHAIN LOSS SHOCK));
}

static void
test_verify(void ** state)
{
    json_t * record = record_of(CAUSTIC_COMMAND_VERIFY, CHAIN LOSS
        "verify: {viscosity: [\"1/20\"], box: [[\"1/2\", \"2\"]], time: [\"1/10\", \"1/2\"]}\n");
    const json_t * altered = json_object_get(record, "altered");
    (void) state;

    assert_string_equal(string_at(record, "verdict"), "PROVED");
    assert_int_equal(json_array_size(json_object_get(record, "checks")), 4);
    assert_string_equal(string_at(entry(record, "checks", 0), "name"), "reduction");
    assert_string_equal(string_at(entry(record, "checks", 1), "viscosity"), "1/20");
    assert_int_equal(json_integer_value(json_object_get(altered, "tried")), 5);
    assert_int_equal(json_integer_value(json_object_get(altered, "refuted")), 5);
    json_decref(record);
}

static void
test_formats(void ** state)
{
    static const caustic_format formats[] = {CAUSTIC_FORMAT_TEXT, CAUSTIC_FORMAT_JSON, CAUSTIC_FORMAT_LATEX,
        CAUSTIC_FORMAT_MARKDOWN, CAUSTIC_FORMAT_CSV};
    json_t * rows = json_array();
    caustic_text_t out;
    (void) state;

    caustic_text_init(out);
    json_array_append_new(rows, record_of(CAUSTIC_COMMAND_TABLE, CHAIN LOSS SHOCK "claims: {shock_time: \"1\"}\n"));
    json_array_append_new(rows, record_of(CAUSTIC_COMMAND_TABLE,
        "name: bare\ntitle: \"a, <b> & \\\"c\\\"\"\npreset: {kind: relu-chain, depth: 3}\nclaims: {cometric: [[\"z\"]]}\n"));

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
    {
        assert_true(caustic_report_has_format(CAUSTIC_COMMAND_TABLE, formats[i]));
        caustic_text_reset(out);
        caustic_report_write(out, rows, CAUSTIC_COMMAND_TABLE, formats[i], 0);
        assert_non_null(strstr(out->data, "chain"));
        assert_non_null(strstr(out->data, "bare"));
        assert_non_null(strstr(out->data, "REFUTED"));
    }

    assert_false(caustic_report_has_format(CAUSTIC_COMMAND_SHOCK, CAUSTIC_FORMAT_CSV));
    assert_false(caustic_report_has_format(CAUSTIC_COMMAND_VERIFY, CAUSTIC_FORMAT_LATEX));

    /* the JSON reads back as what was written */
    {
        json_t * again;

        caustic_text_reset(out);
        caustic_report_write(out, rows, CAUSTIC_COMMAND_TABLE, CAUSTIC_FORMAT_JSON, 0);
        again = json_loads(out->data, 0, NULL);
        assert_true(json_equal(again, rows));
        json_decref(again);
    }

    caustic_text_reset(out);
    caustic_report_junit(out, rows, CAUSTIC_COMMAND_TABLE);
    assert_non_null(strstr(out->data, "tests=\"2\" failures=\"1\" errors=\"0\""));
    assert_null(strstr(out->data, "<b>"));

    json_decref(rows);
    caustic_text_clear(out);
}

/* Every command's text names the case and the verdict first. */
static void
test_texts(void ** state)
{
    static const caustic_command commands[] = {CAUSTIC_COMMAND_DERIVE, CAUSTIC_COMMAND_SHOCK};
    caustic_text_t out;
    (void) state;

    caustic_text_init(out);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
    {
        json_t * records = json_array();

        json_array_append_new(records, record_of(commands[i], CHAIN LOSS SHOCK));
        caustic_text_reset(out);
        caustic_report_write(out, records, commands[i], CAUSTIC_FORMAT_TEXT, 0);
        assert_int_equal(strncmp(out->data, "PROVED     chain", 16), 0);
        caustic_text_reset(out);
        caustic_report_write(out, records, commands[i], CAUSTIC_FORMAT_TEXT, 1);
        assert_non_null(strstr(out->data, "\033[32m"));
        json_decref(records);
    }
    caustic_text_clear(out);
}

#define NEURON "name: neuron\npreset: {kind: relu-neuron, inputs: 1}\nloss: \"(z - 1)^2/2\"\n"

/* Geometry `which` has that shock time, NULL: none. */
static void
time_is(const json_t * record, size_t which, const char * time)
{
    const json_t * shock = json_object_get(entry(record, "geometries", which), "shock");

    assert_string_equal(string_at(shock, "verdict"), "PROVED");
    assert_int_equal(json_is_true(json_object_get(shock, "shock")), time != NULL);
    if (time != NULL)
        assert_non_null(strstr(string_at(json_object_get(shock, "time"), "lower"), time));
}

static const char *
status_of(const json_t * record, const char * claim)
{
    const json_t * link;
    size_t i;

    json_array_foreach(json_object_get(record, "chain"), i, link)
        if (strcmp(string_at(link, "claim"), claim) == 0)
            return string_at(link, "status");
    fail_msg("no claim %s", claim);
    return NULL;
}

/* SPEC 1.7: 4/y^2 in the invariant metric, 1.69002589325771... on the leaf 1/10, none from y/sqrt(6) on: 0.4082... */
static void
test_both_geometries(void ** state)
{
    json_t * record = record_of(CAUSTIC_COMMAND_AUDIT, NEURON SHOCK "audit: {charges: [\"1/10\", \"-1/10\", \"1/sqrt(6)\", \"41/100\", [1, 2]]}\n");
    json_t * still;
    const json_t * leaves;
    (void) state;

    time_is(record, 0, "4");
    time_is(record, 1, "1.6900258932577");
    time_is(record, 2, "1.6900258932577");
    time_is(record, 3, NULL);
    time_is(record, 4, NULL);
    assert_non_null(strstr(string_at(entry(record, "geometries", 5), "detail"), "2 values"));
    leaves = entry(record, "geometries", 6);
    assert_string_equal(string_at(leaves, "focusing"), "c^2 + 6*z^2 - 2*z");
    assert_string_equal(string_at(leaves, "threshold"), "4 - 24*c^2");
    assert_string_equal(status_of(record, "gradient_field"), "CONDITIONAL");
    assert_string_equal(status_of(record, "shock"), "PROVED");
    assert_string_equal(status_of(record, "shock_of_training"), "CONDITIONAL");
    json_decref(record);

    /* Just inside of the threshold there is one, late: few digits, since the second route follows it all the way. */
    record = record_of(CAUSTIC_COMMAND_AUDIT, NEURON "shock: {digits: 5, box: [[\"1/100\", \"3\"]]}\naudit: {charges: [\"4/10\"]}\n");
    time_is(record, 1, "77.97");
    json_decref(record);

    /* Implicit K_c: values of an independent computation; 4^(1/3)... at an end of the box, where h = 5 v^4 - 2 v at v = 1/2; none far out. */
    record = record_of(CAUSTIC_COMMAND_AUDIT, "name: chain\npreset: {kind: relu-chain, depth: 3}\nloss: \"(z - 1)^2/2\"\n"
        "shock: {box: [[\"1/100\", \"3\"]]}\naudit: {charges: [[\"1/10\", \"0\"], [0, 0], [1, 1], [1], [\"sqrt(2)\", 1]]}\n");
    time_is(record, 1, "1.4499632174705424549642360747");
    time_is(record, 2, "1.436289793354");
    time_is(record, 3, NULL);
    assert_non_null(strstr(string_at(entry(record, "geometries", 5), "detail"), "fractions"));
    json_decref(record);
    record = record_of(CAUSTIC_COMMAND_AUDIT, "name: chain\npreset: {kind: relu-chain, depth: 3}\nloss: \"(z - 1)^2/2\"\n"
        "shock: {box: [[\"1/8\", \"inf\"]]}\naudit: {charges: [[0, 0]]}\n");
    time_is(record, 1, "1.4545454545454545454545454545");
    json_decref(record);

    /* In the invariant metric training's is the quotient's, three times as fast a third of the time. */
    record = record_of(CAUSTIC_COMMAND_AUDIT, NEURON SHOCK "optimiser: {metric: [[3*a^2, 0], [0, 3*w^2]]}\n");
    time_is(record, 0, "4");
    time_is(record, 1, "1.3333333333333333");
    assert_string_equal(status_of(record, "burgers_of_training"), "PROVED");
    json_decref(record);

    /* The head fails: nothing follows for training, and nothing is lost of the local entropy. */
    record = record_of(CAUSTIC_COMMAND_AUDIT, "name: head\npreset: {kind: attention, model: 2, head: 2}\n");
    assert_string_equal(status_of(record, "burgers"), "CONDITIONAL");
    assert_string_equal(status_of(record, "gradient_field"), "REFUTED");
    assert_string_equal(status_of(record, "burgers_of_training"), "REFUTED");
    assert_string_equal(status_of(record, "shock"), "NOT_ASKED");
    json_decref(record);

    /* A metric that is not invariant: the chain breaks at isometry, and no later link of the entropy is better. */
    still = record_of(CAUSTIC_COMMAND_AUDIT, "name: euclid\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: w, domain: \"(0, inf)\"}]\n"
        "metric: euclidean\naction: {generators: [[-a, w]]}\nquotient: [{name: z, is: a*w, domain: \"(0, inf)\"}]\nsection: [1, z]\n"
        "loss: \"(z - 1)^2/2\"\n" SHOCK);
    assert_string_equal(status_of(still, "invariance"), "PROVED");
    assert_string_equal(status_of(still, "isometry"), "REFUTED");
    assert_string_equal(status_of(still, "hamilton_jacobi"), "REFUTED");
    assert_string_equal(status_of(still, "burgers"), "REFUTED");
    assert_string_not_equal(status_of(still, "shock"), "PROVED");
    json_decref(still);
}

#define LINE_OF(loss) "name: line\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\naction: {generators: [[0, 1]]}\n" \
    "quotient: [{name: z, is: x}]\nsection: [z, 0]\nloss: \"" loss "\"\nshock: {box: [[-1, 3]]}\n"

/* No link is stronger than what it rests on, and a link with conditions is not PROVED. */
static void
test_chain_rests(void ** state)
{
    static const char * const cases[] =
    {
        NEURON SHOCK, LINE_OF("(z - 1)^2/2"), LINE_OF("(x - 1)^2/2 + y"),
        /* Completeness is assumed of a metric that is written out. */
        "name: disc\nparameters: [{name: x, domain: \"(0, 1)\"}]\nmetric: euclidean\nloss: \"x^2\"\nshock: {box: [[\"1/4\", \"1/2\"]]}\n",
        "name: tied\npreset: {kind: relu-neuron, inputs: 1}\ndata: {columns: [x, y], rows: [[1, 2]]}\n"
            "network: {parameters: [{name: a}, {name: w}], objective: \"mean(squarederror(a^2*relu(w*x), y))\"}\n",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        json_t * record = record_of(CAUSTIC_COMMAND_AUDIT, cases[i]);
        const json_t * link;
        size_t k;

        json_array_foreach(json_object_get(record, "chain"), k, link)
            if (strcmp(string_at(link, "status"), "PROVED") == 0 && json_array_size(json_object_get(link, "conditional_on")) > 0)
                fail_msg("%s: %s is PROVED with conditions", cases[i], string_at(link, "claim"));
        json_decref(record);
    }

    /* |w|^2 = -1 is no leaf: why is said, and no time. */
    {
        json_t * record = record_of(CAUSTIC_COMMAND_AUDIT, "name: circle\npreset: {kind: batchnorm, fan_in: 2}\nloss: z^2\n"
            "shock: {box: [[-1, 1]]}\naudit: {charges: [-1]}\n");
        const json_t * link;
        size_t k;

        assert_string_equal(status_of(record, "shock_of_training"), "REFUTED");
        json_array_foreach(json_object_get(record, "chain"), k, link)
            if (strcmp(string_at(link, "claim"), "shock_of_training") == 0)
            {
                assert_non_null(strstr(string_at(link, "detail"), "positive definite"));
                assert_null(strstr(string_at(link, "detail"), "focus at"));
            }
        json_decref(record);
    }

    /* A loss that is no function of the coordinates descends nowhere, though the drift of those that are does. */
    for (size_t i = 2; i < 5; i += 2)
    {
        json_t * record = record_of(CAUSTIC_COMMAND_AUDIT, cases[i]);

        assert_string_equal(string_at(record, "verdict"), i == 2 ? "HOLDS" : "HOLDS_ON_LEAVES");
        assert_string_equal(status_of(record, "invariance"), "REFUTED");
        assert_string_equal(status_of(record, "hamilton_jacobi"), "REFUTED");
        assert_string_equal(status_of(record, "gradient_field"), "REFUTED");
        assert_string_equal(status_of(record, "burgers_of_training"), "REFUTED");
        assert_string_not_equal(status_of(record, "shock_of_training"), "PROVED");
        json_decref(record);
    }
}

/* The rows of a table by hand: scope and expectation of the shock. */
static json_t *
row_of(const char * scope, const char * verdict, int as_expected)
{
    json_t * row = json_pack("{s:s, s:s, s:n, s:n, s:{s:s, s:s, s:b, s:{s:s}, s:{s:s, s:s}}}", "case", "hand",
        "verdict", verdict, "derive", "verify", "shock", "verdict", verdict, "scope", scope, "shock", 1,
        "time", "ball", "[2.50 +/- 1e-30]", "claim", "formula", "5/2", "verdict", verdict);

    assert_non_null(row);
    if (as_expected >= 0)
        json_object_set_new(json_object_get(row, "shock"), "as_expected", json_boolean(as_expected));
    return row;
}

static void
write_rows(caustic_text_t out, json_t * first, json_t * second, caustic_format format)
{
    json_t * rows = json_array();

    json_array_append_new(rows, first);
    json_array_append_new(rows, second);
    caustic_text_reset(out);
    caustic_report_write(out, rows, CAUSTIC_COMMAND_TABLE, format, 0);
    json_decref(rows);
}

/* The scope is in every table: below it where all rows share it, else in a column of its own; and
   what was expected is told from what was not. */
static void
test_table_text(void ** state)
{
    caustic_text_t out;
    (void) state;

    caustic_text_init(out);

    write_rows(out, row_of("global", "PROVED", -1), row_of("global", "PROVED", -1), CAUSTIC_FORMAT_TEXT);
    assert_non_null(strstr(out->data, "scope of all shock times: global"));
    assert_null(strstr(out->data, "at  scope"));
    assert_non_null(strstr(out->data, "2.50000000000"));
    assert_null(strstr(out->data, "expects"));
    assert_null(strstr(out->data, "reasons"));

    write_rows(out, row_of("global", "PROVED", -1), row_of("local", "PROVED", -1), CAUSTIC_FORMAT_TEXT);
    assert_null(strstr(out->data, "scope of all"));
    assert_non_null(strstr(out->data, "at  scope"));
    assert_non_null(strstr(out->data, "-   global"));
    assert_non_null(strstr(out->data, "-   local"));

    write_rows(out, row_of("local", "PROVED", -1), row_of("local", "REFUTED", 1), CAUSTIC_FORMAT_TEXT);
    assert_non_null(strstr(out->data, "scope of all shock times: local\n"));
    assert_non_null(strstr(out->data, "REFUTED*: 5/2"));
    assert_non_null(strstr(out->data, "* as the case expects"));
    assert_null(strstr(out->data, "! not"));

    write_rows(out, row_of("local", "PROVED", -1), row_of("local", "REFUTED", 0), CAUSTIC_FORMAT_TEXT);
    assert_non_null(strstr(out->data, "REFUTED!: 5/2"));
    assert_non_null(strstr(out->data, "! not as the case expects"));

    write_rows(out, row_of("local", "PROVED", -1), row_of("local", "UNDECIDED", -1), CAUSTIC_FORMAT_TEXT);
    assert_non_null(strstr(out->data, "reasons"));

    write_rows(out, row_of("local", "PROVED", -1), row_of("local", "PROVED", -1), CAUSTIC_FORMAT_CSV);
    assert_non_null(strstr(out->data, "at,scope,claimed"));
    assert_non_null(strstr(out->data, ",local,"));
    caustic_text_clear(out);
}

static const json_t *
agreement_of(json_t ** record, const char * text)
{
    *record = record_of(CAUSTIC_COMMAND_TABLE, text);
    assert_int_equal(json_array_size(json_object_get(json_object_get(*record, "shock"), "routes")), 2);
    return json_object_get(json_object_get(*record, "shock"), "agreement");
}

/* The digits to which the routes agree are those of the wider enclosure: no more than it has, no fewer than were asked for. */
static void
test_agreement(void ** state)
{
    static const char * const exact[] = {
        "{name: a, preset: {kind: relu-chain, depth: 2}, loss: \"(z - 2)^2/2\", shock: {box: [[\"1/100\", \"3\"]]}}",
        "{name: a, parameters: [{name: x}, {name: y}], metric: euclidean, loss: \"x^2/4 + x*y - y^2\", shock: {box: [[\"-1\", \"1\"], [\"-1\", \"1\"]]}}",
        /* two minimisers, of which one is the witness; and nothing but minimisers */
        "{name: a, parameters: [{name: x}], metric: euclidean, loss: \"x^6 - 3*x^4\", shock: {box: [[\"-1\", \"1\"]]}}",
        "{name: a, parameters: [{name: x}], metric: euclidean, loss: \"-x^2\", shock: {box: [[\"-1\", \"1\"]]}}",
        "{name: a, preset: {kind: relu-neuron, inputs: 2}, loss: \"(z1 - 1)^2 + z1*z2\", shock: {scope: ray, from: [1/2, 1/3]}}"};
    const json_t * agreement;
    json_t * record, * row;
    caustic_text_t out;
    (void) state;

    for (size_t i = 0; i < sizeof(exact) / sizeof(exact[0]); i++)
    {
        agreement = agreement_of(&record, exact[i]);
        assert_true(json_is_true(json_object_get(agreement, "overlap")));
        assert_in_range(json_integer_value(json_object_get(agreement, "digits")), 30, 36);
        json_decref(record);
    }
    /* with fewer digits asked for: no more are claimed than are printed */
    agreement = agreement_of(&record, "{name: a, parameters: [{name: x}, {name: y}], metric: euclidean, loss: \"sin(x)*sin(y) + x^3/100\","
        " shock: {box: [[\"-3\", \"3\"], [\"-3\", \"3\"]], digits: 5}}");
    assert_in_range(json_integer_value(json_object_get(agreement, "digits")), 4, 11);
    json_decref(record);

    caustic_text_init(out);
    row = row_of("ray", "PROVED", -1);
    json_object_set_new(json_object_get(row, "shock"), "agreement", json_pack("{s:b, s:i}", "overlap", 0, "digits", 29));
    write_rows(out, row, row_of("ray", "PROVED", -1), CAUSTIC_FORMAT_CSV);
    assert_non_null(strstr(out->data, ",NO,"));
    assert_non_null(strstr(out->data, ",one route,"));
    caustic_text_clear(out);
}

/* Reasons are broken between words within 100 columns, lose no word, and stand below nothing else. */
static void
test_text_width(void ** state)
{
    const char * line;
    caustic_text_t out, reason;
    json_t * records;
    size_t words = 0;
    (void) state;

    caustic_text_init(out);
    caustic_text_init(reason);
    for (int i = 0; i < 40; i++)
        caustic_text_printf(reason, "%sword%d", i == 0 ? "" : " ", i);

    records = json_pack("[{s:s, s:s, s:[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}]}]", "case", "hand", "verdict", "UNDECIDED",
        "checks", "name", "reduction", "verdict", "UNDECIDED", "viscosity", "1/20", "detail", reason->data,
        "name", "burgers_residual", "verdict", "UNDECIDED", "viscosity", "1/20", "detail", reason->data);
    assert_non_null(records);

    caustic_report_write(out, records, CAUSTIC_COMMAND_DERIVE, CAUSTIC_FORMAT_TEXT, 0);
    for (line = out->data; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 100);
    for (line = strstr(out->data, "word"); line != NULL; line = strstr(line + 1, "word"))
        words++;
    assert_int_equal(words, 80);

    caustic_text_reset(out);
    caustic_report_write(out, records, CAUSTIC_COMMAND_VERIFY, CAUSTIC_FORMAT_TEXT, 0);
    for (line = out->data; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 100);
    assert_non_null(strstr(out->data, "as above"));

    json_decref(records);
    caustic_text_clear(out);
    caustic_text_clear(reason);
}

/* A case that verify or shock cannot begin says why, also in text. */
static void
test_text_says_why(void ** state)
{
    static const char * const flat = "name: flat\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\nloss: \"x*y\"\n"
        "verify: {viscosity: [\"1/20\"], box: [[\"0\", \"1\"], [\"0\", \"1\"]], time: [\"1/10\", \"1\"]}\n"
        "shock: {box: [[\"0\", \"1\"], [\"0\", \"1\"]]}\n";
    static const caustic_command commands[] = {CAUSTIC_COMMAND_VERIFY, CAUSTIC_COMMAND_SHOCK};
    caustic_text_t out;
    (void) state;

    caustic_text_init(out);
    for (int i = 0; i < 2; i++)
    {
        json_t * records = json_array();

        json_array_append_new(records, record_of(commands[i], flat));
        caustic_text_reset(out);
        caustic_report_write(out, records, commands[i], CAUSTIC_FORMAT_TEXT, 0);
        /* One reason for all, or one beside each check. */
        if (strcmp(string_at(json_array_get(records, 0), "verdict"), "PROVED") != 0 && strstr(out->data, "    why ") == NULL)
        {
            const json_t * checks = json_object_get(json_array_get(records, 0), "checks");
            const json_t * check;
            size_t k;

            assert_true(json_array_size(checks) > 0);
            json_array_foreach(checks, k, check)
                assert_true(strlen(string_at(check, "detail")) > 10);
        }
        json_decref(records);
    }
    caustic_text_clear(out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derive),
        cmocka_unit_test(test_setting),
        cmocka_unit_test(test_audit),
        cmocka_unit_test(test_expectations),
        cmocka_unit_test(test_shock),
        cmocka_unit_test(test_ray),
        cmocka_unit_test(test_unproved_reduction_proves_nothing),
        cmocka_unit_test(test_focal_time_beyond_the_end),
        cmocka_unit_test(test_holes),
        cmocka_unit_test(test_normal_form_defined),
        cmocka_unit_test(test_round_forms),
        cmocka_unit_test(test_missing_blocks),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_both_geometries),
        cmocka_unit_test(test_chain_rests),
        cmocka_unit_test(test_table_text),
        cmocka_unit_test(test_agreement),
        cmocka_unit_test(test_text_width),
        cmocka_unit_test(test_text_says_why),
    };

    int failures = cmocka_run_group_tests_name("report", tests, NULL, NULL);

    flint_cleanup_master();
    return failures;
}
