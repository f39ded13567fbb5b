/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Products and torus actions: derived by their structure, and the same as derived in the field.
*/

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <flint/fmpz_mat.h>
#include <caustic/case.h>
#include <caustic/report.h>

static json_t *
derive(const char * text)
{
    caustic_case_t problem;
    caustic_error_t error;
    caustic_run_options options;
    json_t * record;

    caustic_error_init(error);
    if (caustic_case_read_text(problem, text, strlen(text), "test", error) != CAUSTIC_OK)
        fail_msg("%s", error->message);
    caustic_run_options_init(&options);
    record = caustic_report_derive(problem, &options);
    caustic_run_options_clear(&options);
    caustic_case_clear(problem);
    caustic_error_clear(error);
    return record;
}

static const char *
verdict_of(const json_t * record, const char * name)
{
    const json_t * check;
    size_t i;

    json_array_foreach(json_object_get(record, "checks"), i, check)
        if (strcmp(json_string_value(json_object_get(check, "name")), name) == 0)
            return json_string_value(json_object_get(check, "verdict"));
    return "absent";
}

static const char *
entry_of(const json_t * record, const char * key, size_t i, size_t j)
{
    return json_string_value(json_array_get(json_array_get(json_object_get(record, key), i), j));
}

/* Three scalar neurons a_i w_i modulo permutation, written out; LOSS and ELEMENTS vary. */
static char *
three_neurons(const char * first_square, const char * elements, const char * loss)
{
    caustic_text_t text;
    char * result;

    caustic_text_init(text);
    caustic_text_printf(text, "name: three\nparameters:\n");
    for (int i = 1; i <= 3; i++)
        caustic_text_printf(text, "- {name: a%d, domain: \"(0, inf)\"}\n- {name: w%d, domain: \"(0, inf)\"}\n", i, i);
    caustic_text_printf(text,
        "metric: [[\"%s\", 0, 0, 0, 0, 0], [0, \"w1^2\", 0, 0, 0, 0], [0, 0, \"a2^2\", 0, 0, 0],\n"
        "  [0, 0, 0, \"w2^2\", 0, 0], [0, 0, 0, 0, \"a3^2\", 0], [0, 0, 0, 0, 0, \"w3^2\"]]\n"
        "action:\n  generators: [[\"-a1\", w1, 0, 0, 0, 0], [0, 0, \"-a2\", w2, 0, 0], [0, 0, 0, 0, \"-a3\", w3]]\n"
        "  elements: [%s]\n"
        "quotient: [{name: z1, is: a1*w1, domain: \"(0, inf)\"}, {name: z2, is: a2*w2, domain: \"(0, inf)\"},"
        " {name: z3, is: a3*w3, domain: \"(0, inf)\"}]\nsection: [1, z1, 1, z2, 1, z3]\n%s",
        first_square, elements, loss);
    result = caustic_text_take(text);
    caustic_text_clear(text);
    return result;
}

static const char swap[] = "[a2, w2, a1, w1, a3, w3], [a1, w1, a3, w3, a2, w2]";

static void
test_equal_units(void ** state)
{
    char * text = three_neurons("a1^2", swap, "loss: (z1 + z2 + z3 - 1)^2\n");
    json_t * record = derive(text);
    const json_t * unit = json_array_get(json_object_get(record, "units"), 0);
    (void) state;

    assert_string_equal(json_string_value(json_object_get(record, "verdict")), "PROVED");
    assert_int_equal(json_array_size(json_object_get(record, "units")), 1);
    assert_int_equal(json_integer_value(json_object_get(unit, "copies")), 3);
    assert_string_equal(entry_of(record, "cometric", 1, 1), "2*z2^2");
    assert_string_equal(entry_of(record, "cometric", 0, 2), "0");
    assert_string_equal(entry_of(record, "metric", 2, 2), "1/(2*z3^2)");
    assert_string_equal(verdict_of(record, "symmetry"), "PROVED");
    assert_string_equal(json_string_value(json_object_get(json_object_get(record, "sum"), "hamilton_jacobi")),
        "u_t + sum_3_units(z1^2*u_z1^2) = sum_3_units(2*nu*(z1^2*u_z1_z1 + z1*u_z1))");
    json_decref(record);
    flint_free(text);
}

/* What is not symmetric is found out: a loss, a metric of one unit, a permutation that mixes units. */
static void
test_unequal_units(void ** state)
{
    static const struct
    {
        const char * square, * elements, * loss, * check, * verdict;
        size_t kinds;
    }
    cases[] =
    {
        {"a1^2", swap, "loss: (z1 + 2*z2 + z3 - 1)^2\n", "symmetry", "REFUTED", 1},
        {"a1^2", swap, "loss: (z1*z2*z3 - 1)^2 + z1 + z2 + z3 + (z1 - z3)^2/10^30\n", "symmetry", "REFUTED", 1},
        {"2*a1^2", "", "", "symmetry", "absent", 2},
        {"2*a1^2", "[a1, w1, a3, w3, a2, w2]", "", "symmetry", "PROVED", 2},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        char * text = three_neurons(cases[i].square, cases[i].elements, cases[i].loss);
        json_t * record = derive(text);

        assert_string_equal(verdict_of(record, cases[i].check), cases[i].verdict);
        assert_int_equal(json_array_size(json_object_get(record, "units")), cases[i].kinds);
        json_decref(record);
        flint_free(text);
    }
}

/* A permutation of units that is not an isometry is not taken for one. */
static void
test_wrong_permutation(void ** state)
{
    static const char * const elements[] =
    {
        "[a2, w2, a1, w1, a3, w3]",      /* with twice the first metric */
        "[w1, a1, a2, w2, a3, w3]",      /* within a unit: keeps z but not 2 a1^2 */
        "[a2, w1, a1, w2, a3, w3]",      /* exchanges a only: z is not permuted */
    };
    (void) state;

    for (size_t i = 0; i < 3; i++)
    {
        char * text = three_neurons("2*a1^2", elements[i], "");
        json_t * record = derive(text);

        assert_string_equal(json_string_value(json_object_get(record, "verdict")), "REFUTED");
        json_decref(record);
        flint_free(text);
    }
}

/* Permutations that more than one unit is asked about, and an end that belongs to a domain. */
static void
test_permutations_and_boundaries(void ** state)
{
    static const struct
    {
        const char * text, * check, * verdict, * whole;
    }
    cases[] =
    {
        /* element 1 exchanges units that element 2 makes one, and acts on the third: it is no isometry of the first two */
        {"parameters: [{name: a1}, {name: a2}, {name: b1}, {name: b2}, {name: c1}, {name: c2}]\n"
            "metric: [[2, 1, 0, 0, 0, 0], [1, 2, 0, 0, 0, 0], [0, 0, 3, 1, 0, 0], [0, 0, 1, 3, 0, 0], [0, 0, 0, 0, 2, 1], [0, 0, 0, 0, 1, 2]]\n"
            "action: {elements: [[b1, b2, a1, a2, c2, c1], [a2, a1, b2, b1, c1, c2]]}\n"
            "quotient: [{name: z1, is: a1}, {name: z2, is: a2}, {name: z3, is: b1}, {name: z4, is: b2}, {name: z5, is: c1}, {name: z6, is: c2}]\n"
            "section: [z1, z2, z3, z4, z5, z6]\nloss: (z1*z2*z3*z4*z5*z6)^2\n", "isometry", "REFUTED", "REFUTED"},
        {"parameters: [{name: a1}, {name: a2}, {name: b1}, {name: b2}, {name: c1}, {name: c2}]\n"
            "metric: [[3, 1, 0, 0, 0, 0], [1, 3, 0, 0, 0, 0], [0, 0, 3, 1, 0, 0], [0, 0, 1, 3, 0, 0], [0, 0, 0, 0, 2, 1], [0, 0, 0, 0, 1, 2]]\n"
            "action: {elements: [[b1, b2, a1, a2, c2, c1], [a2, a1, b2, b1, c1, c2]]}\n"
            "quotient: [{name: z1, is: a1}, {name: z2, is: a2}, {name: z3, is: b1}, {name: z4, is: b2}, {name: z5, is: c1}, {name: z6, is: c2}]\n"
            "section: [z1, z2, z3, z4, z5, z6]\nloss: (z1*z2*z3*z4*z5*z6)^2\n", "isometry", "PROVED", "PROVED"},
        /* the exchange takes a = 1, which is left out, to b = 1, which is not */
        {"parameters: [{name: a}, {name: b}, {name: c}]\nmetric: euclidean\nstratum: [a - 1]\n"
            "action: {generators: [[0, 0, 1]], elements: [[b, a, c]]}\n"
            "quotient: [{name: z1, is: a}, {name: z2, is: b}]\nsection: [z1, z2, 0]\n", "isometry", "UNDECIDED", "UNDECIDED"},
        {"parameters: [{name: a}, {name: b}, {name: c}]\nmetric: euclidean\nstratum: [a^2 + 1, b^2 + 1]\n"
            "action: {generators: [[0, 0, 1]], elements: [[b, a, c]]}\n"
            "quotient: [{name: z1, is: a}, {name: z2, is: b}]\nsection: [z1, z2, 0]\n", "symmetry", "PROVED", "PROVED"},
        /* a^2 is no metric at the end a = 0 */
        {"parameters: [{name: a, domain: \"[0, inf)\"}]\nmetric: [[a^2]]\n"
            "quotient: [{name: z, is: a, domain: \"[0, inf)\"}]\nsection: [z]\n", "section", "UNDECIDED", "UNDECIDED"},
        {"parameters: [{name: a, domain: \"(0, 1]\"}]\nmetric: [[a^2]]\n"
            "quotient: [{name: z, is: a, domain: \"(0, 1)\"}]\nsection: [z]\n", "section", "UNDECIDED", "UNDECIDED"},
        {"parameters: [{name: a, domain: \"(0, 1)\"}]\nmetric: [[a^2]]\n"
            "quotient: [{name: z, is: a, domain: \"(0, 1)\"}]\nsection: [z]\n", "section", "PROVED", "PROVED"},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_text_t text;
        json_t * record;

        caustic_text_init(text);
        caustic_text_printf(text, "name: units\n%s", cases[i].text);
        record = derive(text->data);
        assert_string_equal(verdict_of(record, cases[i].check), cases[i].verdict);
        assert_string_equal(json_string_value(json_object_get(record, "verdict")), cases[i].whole);
        json_decref(record);
        caustic_text_clear(text);
    }
}

/* Where the quotient is less than the box of its coordinates, claims are asked about at its points and nowhere else. */
static void
test_claims_on_part_of_the_box(void ** state)
{
#define PUNCTURED "parameters: [{name: x}]\nmetric: euclidean\nstratum: [x]\nquotient: [{name: z, is: x}]\nsection: [z]\nclaims: "
#define FOLDED "parameters: [{name: a}, {name: b}]\nmetric: euclidean\naction: {elements: [[b, a]]}\nstratum: [a - b]\n" \
    "quotient: [{name: p, is: a + b}, {name: q, is: a^2 + b^2, domain: \"(0, inf)\"}]\nclaims: "
    /* w = q + (p - q)^2 - 1 and y = p - q */
#define HIDDEN "parameters: [{name: x}, {name: y}, {name: w}]\nmetric: [[5*w^2 - 4*w + 2, 0, 2*w - 1], [0, 1, 0], [2*w - 1, 0, 1]]\n" \
    "action: {generators: [[1, 0, 0]]}\nquotient: [{name: p, is: w - y^2 + y + 1}, {name: q, is: w - y^2 + 1}]\n" \
    "section: [0, p - q, q + (p - q)^2 - 1]\nclaims: "
#define HIDDEN_DRIFT "((q + (p - q)^2 - 1)/((q + (p - q)^2 - 1)^2 + 1) + 2)"
#define HIDDEN_REST "((1 - 2*(p - q))^2 + 1)*u_p^2/2 + (4*(p - q)^2 + 1)*u_q^2/2 + (1 - 2*(p - q)*(1 - 2*(p - q)))*u_p*u_q" \
    " = nu*(((1 - 2*(p - q))^2 + 1)*u_p_p + (4*(p - q)^2 + 1)*u_q_q + 2*(1 - 2*(p - q)*(1 - 2*(p - q)))*u_p_q" \
    " - " HIDDEN_DRIFT "*(u_p + u_q))"
    static const struct
    {
        const char * text, * check, * verdict;
    }
    cases[] =
    {
        {PUNCTURED "{cometric: [[z/z]]}\n", "claim_cometric", "PROVED"},
        {PUNCTURED "{cometric: [[(z - 3)/(z - 3)]]}\n", "claim_cometric", "UNDECIDED"},
        {PUNCTURED "{drift: [1/z - 1/z]}\n", "claim_drift", "PROVED"},
        {PUNCTURED "{drift: [1/(z - 5) - 1/(z - 5)]}\n", "claim_drift", "UNDECIDED"},
        {PUNCTURED "{hamilton_jacobi: u_t + u_z^2/2 = nu*u_z_z*z/z}\n", "claim_hamilton_jacobi", "PROVED"},
        {PUNCTURED "{hamilton_jacobi: u_t*(z - 2)/(z - 2) + u_z^2/2 = nu*u_z_z}\n", "claim_hamilton_jacobi", "UNDECIDED"},
        {PUNCTURED "{hamilton_jacobi: u_t + u_z^2 = nu*u_z_z*z/z}\n", "claim_hamilton_jacobi", "REFUTED"},
        /* 2 q > p^2 on the quotient, not on the box */
        {FOLDED "{drift: [log(2*q - p^2) - log(2*q - p^2), 4]}\n", "claim_drift", "PROVED"},
        {FOLDED "{drift: [log(2*q - p^2 - 1) - log(2*q - p^2 - 1), 4]}\n", "claim_drift", "UNDECIDED"},
        {FOLDED "{drift: [sqrt((2*q - p^2)^2) - (2*q - p^2), 4]}\n", "claim_drift", "UNDECIDED"},
        {FOLDED "{drift: [0, 4 + (2*q - p^2)/10^9]}\n", "claim_drift", "REFUTED"},
        {FOLDED "{hamilton_jacobi: u_t + u_p^2 + 2*p*u_p*u_q + sqrt(4*q^2)*u_q^2 = nu*(2*u_p_p + 4*p*u_p_q + 4*q*u_q_q + 4*u_q)}\n",
            "claim_hamilton_jacobi", "PROVED"},
        {FOLDED "{hamilton_jacobi: u_t + u_p^2 + 2*p*u_p*u_q + 2*q*u_q^2 = nu*(2*u_p_p + 4*p*u_p_q + 4*q*u_q_q + 5*u_q)}\n",
            "claim_hamilton_jacobi", "REFUTED"},
        {FOLDED "{hamilton_jacobi: u_t + u_p^2 + 2*p*u_p*u_q + 2*q*u_q^2 + sqrt((2*q - p^2)^2) = nu*(2*u_p_p + 4*p*u_p_q + 4*q*u_q_q"
            " + 4*u_q) + (2*q - p^2)}\n", "claim_hamilton_jacobi", "UNDECIDED"},
        /* that the denominator of the derived drift is w^2 + 1 is seen in the parameters, and excuses no other one */
        {HIDDEN "{hamilton_jacobi: u_t + " HIDDEN_REST "}\n", "claim_hamilton_jacobi", "PROVED"},
        {HIDDEN "{hamilton_jacobi: u_t*((p - 3)^2 + (q - 1)^2)/((p - 3)^2 + (q - 1)^2) + " HIDDEN_REST "}\n",
            "claim_hamilton_jacobi", "UNDECIDED"},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_text_t text;
        json_t * record;

        caustic_text_init(text);
        caustic_text_printf(text, "name: part\n%s", cases[i].text);
        record = derive(text->data);
        if (strcmp(verdict_of(record, cases[i].check), cases[i].verdict) != 0)
            fail_msg("%s: %s", cases[i].text, verdict_of(record, cases[i].check));
        json_decref(record);
        caustic_text_clear(text);
    }
#undef PUNCTURED
#undef FOLDED
#undef HIDDEN
#undef HIDDEN_DRIFT
#undef HIDDEN_REST
}

/* A unit whose quotient is a point, or a sphere alone, leaves no zeros in the sum; a unit's curvature is that of
   its spheres too. */
static void
test_units_without_coordinates(void ** state)
{
    json_t * record = derive("name: plane\nparameters: [{name: a}, {name: b}]\nmetric: euclidean\n"
        "action: {generators: [[0, 1]]}\nquotient: [{name: z, is: a}]\nsection: [z, 0]\n");
    (void) state;

    assert_string_equal(json_string_value(json_object_get(json_object_get(record, "sum"), "hamilton_jacobi")),
        "u_t + u_z^2/2 = nu*u_z_z");
    json_decref(record);

    record = derive("name: norm\npreset: {kind: layernorm, units: 30, fan_in: 2}\n");
    assert_string_equal(json_string_value(json_object_get(json_object_get(record, "sum"), "hamilton_jacobi")),
        "u_t + |D_S57 u|^2/2 = nu*Lap_S57 u");
    assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(record, "units"), 0),
        "scalar_curvature")), "3192");
    assert_true(json_is_false(json_object_get(json_array_get(json_object_get(record, "units"), 0), "flat")));
    json_decref(record);
}

/* One hidden layer of a relu network whose torus is read as exponents; each number off by one is caught. */
static void
test_torus(void ** state)
{
    static const struct
    {
        const char * generator, * first, * section, * verdict;
    }
    cases[] =
    {
        {"[x, y, \"-a\", \"-b\"]", "x*a", "[z1, z2, 1, z3/z1]", "PROVED"},
        {"[\"x/2\", \"y/2\", \"-a/2\", \"-b/2\"]", "x*a", "[z1, z2, 1, z3/z1]", "PROVED"},
        {"[x, y, \"-a\", \"-b\"]", "sqrt(x*a)", "[z1^2, z2, 1, z3/z1^2]", "PROVED"},
        {"[x, y, \"-a\", \"-2*b\"]", "x*a", "[z1, z2, 1, z3/z1]", "REFUTED"},
        {"[x, y, \"-a\", \"-b\"]", "x^2*a", "[z1, z2, 1, z3/z1]", "REFUTED"},
        {"[x, y, \"-a\", \"-b\"]", "x*a", "[z1, z2, 1, z3/z2]", "REFUTED"},
        {"[0, 0, 0, 0]", "x*a", "[z1, z2, 1, z3/z1]", "REFUTED"},
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_text_t text;
        json_t * record;

        caustic_text_init(text);
        caustic_text_append(text, "name: torus\nparameters:\n");
        for (int k = 0; k < 4; k++)
            caustic_text_printf(text, "- {name: %c, domain: \"(0, inf)\"}\n", "xyab"[k]);
        caustic_text_printf(text, "metric: [[x^2, 0, 0, 0], [0, y^2, 0, 0], [0, 0, a^2, 0], [0, 0, 0, b^2]]\n"
            "action: {generators: [%s]}\nquotient: [{name: z1, is: %s, domain: \"(0, inf)\"},"
            " {name: z2, is: y*a, domain: \"(0, inf)\"}, {name: z3, is: x*b, domain: \"(0, inf)\"}]\nsection: %s\n",
            cases[i].generator, cases[i].first, cases[i].section);
        record = derive(text->data);
        assert_string_equal(json_string_value(json_object_get(record, "verdict")), cases[i].verdict);
        if (i == 0)
        {
            assert_string_equal(entry_of(record, "cometric", 0, 0), "2*z1^2");
            assert_string_equal(entry_of(record, "cometric", 0, 1), "z1*z2");
            assert_string_equal(entry_of(record, "cometric", 1, 2), "0");
            assert_true(json_is_true(json_object_get(record, "flat")));
            assert_int_equal(json_array_size(json_object_get(record, "assumptions")), 0);
        }
        json_decref(record);
        caustic_text_clear(text);
    }
}

/* A loss that is no function of the monomials is refuted on a torus too. */
static void
test_torus_loss(void ** state)
{
    json_t * record = derive("name: loss\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: w, domain: \"(0, inf)\"}]\n"
        "metric: [[a^2, 0], [0, w^2]]\naction: {generators: [[\"-a\", w]]}\n"
        "quotient: [{name: z, is: a*w, domain: \"(0, inf)\"}]\nsection: [1, z]\nloss: (a*w - 1)^2 + (a - 1)^2/10^20\n");
    (void) state;

    assert_string_equal(verdict_of(record, "loss"), "REFUTED");
    assert_string_equal(verdict_of(record, "invariance"), "PROVED");
    json_decref(record);
}

/* A unit repeated is what a user would have written. */
static void
test_repeat(void ** state)
{
    static const char neuron[] = "name: unit\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: w1}, {name: w2}]\n"
        "stratum: [\"w1^2 + w2^2\"]\nmetric: [[a^2, 0, 0], [0, \"w1^2 + w2^2\", 0], [0, 0, \"w1^2 + w2^2\"]]\n"
        "action: {generators: [[\"-a\", w1, w2]]}\nquotient: [{name: z1, is: a*w1}, {name: z2, is: a*w2}]\nsection: [1, z1, z2]\n";
    caustic_case_t problem;
    caustic_error_t error;
    caustic_setting_t whole;
    char * text;
    (void) state;

    caustic_error_init(error);
    assert_int_equal(caustic_case_read_text(problem, neuron, strlen(neuron), "test", error), CAUSTIC_OK);
    problem->setting->copies = 12;
    caustic_setting_repeat(whole, problem->setting);

    assert_int_equal(whole->parameters, 36);
    assert_int_equal(whole->generators, 12);
    assert_int_equal(whole->elements, 11);
    assert_int_equal(whole->coordinates, 24);
    assert_int_equal(whole->strata, 12);
    assert_int_equal(whole->copies, 1);
    assert_string_equal(caustic_expr_name(whole->pool, whole->parameter[3]), "a2");
    assert_string_equal(caustic_expr_name(whole->pool, whole->parameter[5]), "w22");
    assert_string_equal(caustic_expr_name(whole->pool, whole->parameter[35]), "w12x2");
    assert_string_equal(caustic_expr_name(whole->pool, whole->coordinate[23]), "z24");
    text = caustic_expr_string(whole->pool, whole->invariant[23]);
    assert_string_equal(text, "a12*w12x2");
    flint_free(text);
    text = caustic_expr_string(whole->pool, whole->inverse_metric[35 * 36 + 35]);
    assert_string_equal(text, "w12x1^2 + w12x2^2");
    flint_free(text);
    assert_int_equal(whole->element[10 * 36 + 33], whole->parameter[30]);
    assert_int_equal(whole->element[10 * 36 + 30], whole->parameter[33]);
    assert_int_equal(whole->element[10 * 36 + 29], whole->parameter[29]);

    caustic_setting_clear(whole);
    caustic_case_clear(problem);
    caustic_error_clear(error);
}

/* Random charges: the lattice is annihilated, saturated (it has an integer right inverse) and complete. */
static void
test_lattice(void ** state)
{
    static const slong sizes[][2] = {{0, 3}, {1, 2}, {1, 5}, {2, 2}, {3, 7}, {5, 9}, {8, 20}};
    flint_rand_t random;
    slong dependent = 0;
    (void) state;

    flint_rand_init(random);
    for (size_t i = 0; i < 20 * sizeof(sizes) / sizeof(sizes[0]); i++)
    {
        slong k = sizes[i % 7][0], n = sizes[i % 7][1];
        fmpq_mat_t charges;
        fmpz_mat_t invariants, section, one, numerators, product;
        fmpz_t scale;

        fmpq_mat_init(charges, k, n);
        fmpz_mat_init(numerators, k, n);
        fmpz_mat_init(invariants, n - k, n);
        fmpz_mat_init(section, n, n - k);
        fmpz_mat_init(one, n - k, n - k);
        fmpz_mat_init(product, n, k);
        fmpz_init_set_ui(scale, 1 + i % 3);
        fmpz_mat_randtest(numerators, random, 1 + i % 4);
        fmpq_mat_set_fmpz_mat_div_fmpz(charges, numerators, scale);

        if (caustic_torus_lattice(invariants, section, charges))
        {
            fmpz_mat_t transpose, zero;

            assert_int_equal(fmpz_mat_rank(numerators), k);
            fmpz_mat_mul(one, invariants, section);
            assert_true(fmpz_mat_is_one(one) || n == k);
            fmpz_mat_init(transpose, n, n - k);
            fmpz_mat_init(zero, k, n - k);
            fmpz_mat_transpose(transpose, invariants);
            fmpz_mat_mul(zero, numerators, transpose);
            assert_true(fmpz_mat_is_zero(zero));
            fmpz_mat_clear(transpose);
            fmpz_mat_clear(zero);
        }
        else
        {
            assert_true(fmpz_mat_rank(numerators) < k);
            dependent++;
        }

        fmpz_clear(scale);
        fmpq_mat_clear(charges);
        fmpz_mat_clear(numerators);
        fmpz_mat_clear(invariants);
        fmpz_mat_clear(section);
        fmpz_mat_clear(one);
        fmpz_mat_clear(product);
    }
    assert_in_range(dependent, 1, 100);
    flint_rand_clear(random);
}

/* A torus action alone, its invariants found: w1 w2^2 and so on, then proved as if they had been given. */
static void
test_invariants_found(void ** state)
{
    static const char text[] = "name: torus\nparameters: [{name: x, domain: \"(0, inf)\"}, {name: y, domain: \"(0, inf)\"},"
        " {name: a, domain: \"(0, inf)\"}]\nmetric: [[x^2, 0, 0], [0, 3*y^2, 0], [0, 0, a^2]]\n"
        "action: {generators: [[\"2*x\", \"-3*y\", \"5*a\"]]}\nquotient: [{name: z1, is: x, domain: \"(0, inf)\"},"
        " {name: z2, is: y, domain: \"(0, inf)\"}]\nsection: [z1, z2, 1]\n";
    caustic_case_t problem;
    caustic_error_t error;
    caustic_reduction_t reduction;
    (void) state;

    caustic_error_init(error);
    assert_int_equal(caustic_case_read_text(problem, text, strlen(text), "test", error), CAUSTIC_OK);
    caustic_reduction_init(reduction, problem->setting);
    assert_int_equal(caustic_checks_verdict(reduction->checks), CAUSTIC_REFUTED);
    caustic_reduction_clear(reduction);

    assert_true(caustic_setting_complete_torus(problem->setting));
    caustic_reduction_init(reduction, problem->setting);
    assert_int_equal(caustic_checks_verdict(reduction->checks), CAUSTIC_PROVED);
    assert_int_equal(reduction->is_torus, 1);
    caustic_reduction_clear(reduction);

    problem->setting->generator[0] = problem->setting->parameter[1];
    assert_false(caustic_setting_complete_torus(problem->setting));
    caustic_case_clear(problem);
    caustic_error_clear(error);
}

/* A case may leave the quotient of a torus out; what is no torus must say what its quotient is. */
static void
test_quotient_left_out(void ** state)
{
    static const char text[] = "name: torus\nparameters: [{name: a, domain: \"(0, inf)\"}, {name: b, domain: \"(0, inf)\"},"
        " {name: c, domain: \"(0, inf)\"}, {name: d, domain: \"(0, inf)\"}]\n"
        "metric: [[a^2, 0, 0, 0], [0, b^2, 0, 0], [0, 0, c^2, 0], [0, 0, 0, d^2]]\n"
        "action: {generators: [[a, \"-b\", 0, 0], [0, %s, \"-3*c\", d]]}\nloss: \"%s\"\n";
    static const struct
    {
        const char * component, * loss, * verdict; /* NULL: an error */
    }
    cases[] =
    {
        {"2*b", "(a*b*c*d - 1)^2", "PROVED"},
        {"2*b", "(z1 - 1)^2 + z2", "PROVED"},
        {"2*b", "(a*b*c - 1)^2", "REFUTED"},
        {"b^2", "(a*b*c*d - 1)^2", NULL},
        {"2*b + a", "(a*b*c*d - 1)^2", NULL}
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_text_t whole;

        caustic_text_init(whole);
        caustic_text_printf(whole, text, cases[i].component, cases[i].loss);
        if (cases[i].verdict != NULL)
        {
            json_t * record = derive(whole->data);

            assert_string_equal(json_string_value(json_object_get(record, "verdict")), cases[i].verdict);
            assert_int_equal(json_array_size(json_object_get(record, "invariants")), 2);
            json_decref(record);
        }
        else
        {
            caustic_case_t problem;
            caustic_error_t error;

            caustic_error_init(error);
            assert_int_equal(caustic_case_read_text(problem, whole->data, whole->length, "test", error), CAUSTIC_BAD_INPUT);
            assert_non_null(strstr(error->message, "quotient"));
            caustic_case_clear(problem);
            caustic_error_clear(error);
        }
        caustic_text_clear(whole);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_equal_units),
        cmocka_unit_test(test_unequal_units),
        cmocka_unit_test(test_wrong_permutation),
        cmocka_unit_test(test_permutations_and_boundaries),
        cmocka_unit_test(test_claims_on_part_of_the_box),
        cmocka_unit_test(test_units_without_coordinates),
        cmocka_unit_test(test_torus),
        cmocka_unit_test(test_torus_loss),
        cmocka_unit_test(test_repeat),
        cmocka_unit_test(test_lattice),
        cmocka_unit_test(test_invariants_found),
        cmocka_unit_test(test_quotient_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
