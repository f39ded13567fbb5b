/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Case files: what a good one fills, what each bad one is told, and that mutated ones are either
    read or refused with a place and a message.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <caustic/case.h>
#include "../src/case/case_internal.h"

/* The smallest good cases. */
#define HEAD "name: test\n"
#define LINE_CASE HEAD "parameters: [{name: x}]\nmetric: euclidean\n"
#define CHAIN_CASE HEAD "preset: {kind: relu-chain, depth: 2}\n"

static const char * const neuron_case =
    "name: relu-neuron\n"
    "title: One ReLU neuron under positive rescaling\n"
    "architecture: mlp                 # mlp | cnn | transformer | meanfield | custom\n"
    "preset: {kind: relu-neuron, inputs: 1}      # fills what follows; or write it out:\n"
    "parameters:\n"
    "  - {name: a, domain: \"(0, inf)\"}\n"
    "  - {name: w, domain: \"(0, inf)\"}\n"
    "metric: [[\"a^2\", \"0\"], [\"0\", \"w^2\"]]        # inverse metric; or: euclidean\n"
    "action:\n"
    "  generators: [[\"-a\", \"w\"]]                 # one vector field a row, in parameter order\n"
    "  elements: []                              # finite part: images of the parameter list\n"
    "quotient:\n"
    "  - {name: z, is: \"a*w\", domain: \"(0, inf)\"}\n"
    "section: [\"1\", \"z\"]\n"
    "normal_form: {kind: euclidean, map: [\"log(z)/sqrt(2)\"]}\n"
    "constants: [{name: y, value: \"2\"}]\n"
    "data: {columns: [x, t], rows: [[\"1\", \"2\"], [\"2\", \"3\"]]}   # or {file: points.csv}\n"
    "loss: \"(z - y)^2/2\"                         # in quotient coordinates or in parameters\n"
    "optimiser: {metric: euclidean}              # for the audit\n"
    "verify: {viscosity: [\"1/20\"], box: [[\"1/2\", \"3\"]], time: [\"1/10\", \"1\"], tolerance: \"1e-30\"}\n"
    "shock: {box: [[\"1/100\", \"3\"]], digits: 30}\n"
    "claims:\n"
    "  cometric: [[\"2*z^2\"]]\n"
    "  hamilton_jacobi: \"u_t + z^2*u_z^2 = nu*(2*z^2*u_z_z + 2*z*u_z)\"\n"
    "  burgers: [\"v_z_t + 2*z^2*v_z*v_z_z + 2*z*v_z^2 = nu*(2*z^2*v_z_z_z + 6*z*v_z_z + 2*v_z)\"]\n"
    "  shock_time: \"4/y^2\"\n"
    "  shock_at: [\"y/4\"]\n";

static const char * const plane_case =
    "name: plane-2\n"
    "parameters:\n"
    "- {name: p, domain: \"(-1, 5/2]\"}\n"
    "- {name: q}\n"
    "metric: euclidean\n"
    "action: {elements: [[-p, -q], [\"q\", p]]}\n"
    "stratum: [\"p^2 + q^2\", p]\n"
    "quotient: [{name: r, is: p^2, domain: \"[0, inf)\"}, {name: s, is: q}]\n"
    "section: [sqrt(r), s]\n"
    "constants:\n"
    "- {name: c, value: sqrt(2)}\n"
    "- {name: d, value: c^2/3}\n"
    "data: {columns: [t, y], rows: [[1, -2.5], [\"1/3\", 1e-2]]}\n"
    "loss: mean((p*t - y)^2) + d*q\n"
    "verify: {viscosity: [1/2, d], box: [[1, 2], [-d, d]], time: [0.1, 2]}\n"
    "shock: {box: [[0, inf], [-inf, 1]], scope: ray, from: [1, 0], digits: 50}\n"
    "claims: {hamilton_jacobi: u_t + u_r_s = nu*u_s_r, drift: [0, c], shock_time: none}\n"
    "expect: {derive: REFUTED, audit: HOLDS_ON_LEAVES, table: UNDECIDED}\n"
    "optimiser: {metric: [[1, p], [p, 2]]}\n"
    "normal_form: {kind: spectral}\n";

static const char * const block_case =
    "name: blocks\n"
    "preset:\n"
    "  kind: relu-chain\n"
    "  depth: 3\n"
    "loss: |\n"
    "  (z - 1)^2/2\n"
    "claims:\n"
    "  shock_time: \"8/\\\n"
    "    3\"\n"
    "  drift:\n"
    "    - >-\n"
    "      3\n"
    "      *z\n";

/* Helpers ************************************************************************************/

typedef struct
{
    caustic_case_t result;
    caustic_error_t error;
    caustic_result status;
}
reading;

static void
begin_reading(reading * r, const char * text, size_t length, const char * file)
{
    caustic_error_init(r->error);
    r->status = caustic_case_read_text(r->result, text, length, file, r->error);
}

static void
end_reading(reading * r)
{
    caustic_case_clear(r->result);
    caustic_error_clear(r->error);
}

static void
show_error(const caustic_error_t error)
{
    caustic_text_t text;

    caustic_text_init(text);
    caustic_error_print(text, error);
    print_message("%s\n", text->data);
    caustic_text_clear(text);
}

static void
must_accept(reading * r, const char * text)
{
    begin_reading(r, text, strlen(text), "test.yaml");
    if (r->status != CAUSTIC_OK)
    {
        show_error(r->error);
    }
    assert_int_equal(r->status, CAUSTIC_OK);
}

static void
accept(const char * text)
{
    reading r;

    must_accept(&r, text);
    end_reading(&r);
}

/* Position 0 stands for any. */
static void
reject(const char * text, slong line, slong column, const char * fragment)
{
    reading r;

    begin_reading(&r, text, strlen(text), "test.yaml");
    if (r.status != CAUSTIC_BAD_INPUT || strstr(r.error->message, fragment) == NULL
        || (line > 0 && r.error->line != line) || (column > 0 && r.error->column != column))
    {
        print_message("of:\n%s\nexpected %ld:%ld: ... %s\n", text, (long) line, (long) column, fragment);
        if (r.status == CAUSTIC_OK)
        {
            print_message("but it was accepted\n");
        }
        else
        {
            show_error(r.error);
        }
        fail();
    }
    assert_int_equal(r.error->code, CAUSTIC_BAD_INPUT);
    assert_string_equal(r.error->file, "test.yaml");
    end_reading(&r);
}

static caustic_expr
symbol(const reading * r, const char * name)
{
    return caustic_symbol(r->result->pool, name);
}

static void
expression_is(const reading * r, caustic_expr e, const char * text)
{
    char * string;

    assert_int_not_equal(e, CAUSTIC_NONE);
    string = caustic_expr_string(r->result->pool, e);
    assert_string_equal(string, text);
    flint_free(string);
}

static int
fmpq_is(const fmpq_t x, slong p, ulong q)
{
    fmpq_t y;
    int same;

    fmpq_init(y);
    fmpq_set_si(y, p, q);
    same = fmpq_equal(x, y);
    fmpq_clear(y);
    return same;
}

/* Every expression of a setting is there. */
static void
setting_is_whole(const caustic_setting_struct * s)
{
    slong i;

    assert_true(s->parameters >= 1 && s->coordinates >= 1);
    for (i = 0; i < s->parameters; i++)
    {
        assert_int_not_equal(s->parameter[i], CAUSTIC_NONE);
        assert_int_not_equal(s->section[i], CAUSTIC_NONE);
    }
    for (i = 0; i < s->parameters * s->parameters; i++)
    {
        assert_int_not_equal(s->inverse_metric[i], CAUSTIC_NONE);
    }
    for (i = 0; i < s->generators * s->parameters; i++)
    {
        assert_int_not_equal(s->generator[i], CAUSTIC_NONE);
    }
    for (i = 0; i < s->elements * s->parameters; i++)
    {
        assert_int_not_equal(s->element[i], CAUSTIC_NONE);
    }
    for (i = 0; i < s->coordinates; i++)
    {
        assert_int_not_equal(s->coordinate[i], CAUSTIC_NONE);
        assert_int_not_equal(s->invariant[i], CAUSTIC_NONE);
    }
    for (i = 0; i < s->strata; i++)
    {
        assert_int_not_equal(s->stratum[i], CAUSTIC_NONE);
    }
}

/* The directory `name` of the tests' sources. */
static void
source_path(char * path, size_t size, const char * name)
{
    static const char * const prefixes[] = {"tests/", "", "../tests/", "../"};
    const char * srcdir = getenv("srcdir");
    slong i;

    for (i = -4; i < 4; i++)
    {
        const char * prefix = prefixes[(i + 4) % 4];

        if (i < 0 && srcdir == NULL)
        {
            continue;
        }
        snprintf(path, size, "%s%s%s%s", i < 0 ? srcdir : "", i < 0 ? "/" : "", prefix, name);
        if (access(path, R_OK) == 0)
        {
            return;
        }
    }
    print_message("not found: %s\n", name);
    fail();
}

/* Good files *********************************************************************************/

static void
test_neuron(void ** state)
{
    reading r;
    const caustic_case_struct * c = r.result;
    const caustic_setting_struct * s = c->setting;

    (void) state;
    must_accept(&r, neuron_case);
    setting_is_whole(s);
    assert_string_equal(c->name, "relu-neuron");
    assert_string_equal(c->title, "One ReLU neuron under positive rescaling");
    assert_string_equal(c->architecture, "mlp");
    assert_string_equal(c->preset, "relu-neuron");
    assert_string_equal(c->file, "test.yaml");
    assert_int_equal(s->parameters, 2);
    assert_int_equal(s->generators, 1);
    assert_int_equal(s->elements, 0);
    assert_int_equal(s->coordinates, 1);
    assert_int_equal(s->parameter[1], symbol(&r, "w"));
    assert_true(caustic_expr_is_positive_symbol(c->pool, symbol(&r, "w")));
    assert_true(caustic_expr_is_positive_symbol(c->pool, symbol(&r, "z")));
    expression_is(&r, s->inverse_metric[3], "w^2");
    expression_is(&r, s->inverse_metric[1], "0");
    expression_is(&r, s->generator[0], "-a");
    expression_is(&r, s->section[1], "z");
    assert_int_equal(s->invariant[0], caustic_mul(c->pool, symbol(&r, "a"), symbol(&r, "w")));
    assert_true(caustic_interval_is_positive(s->coordinate_domain));
    assert_int_equal(s->loss_in_parameters, 0);
    assert_true(caustic_expr_depends(c->pool, s->loss, symbol(&r, "z")));
    assert_false(caustic_expr_depends(c->pool, s->loss, symbol(&r, "y")));
    assert_string_equal(c->normal_form_kind, "euclidean");
    assert_int_equal(c->normal_form_maps, 1);
    assert_null(c->optimiser_metric);
    assert_int_equal(c->verify.present, 1);
    assert_int_equal(c->verify.viscosities, 1);
    assert_true(fmpq_is(c->verify.viscosity, 1, 20));
    assert_true(fmpq_is(c->verify.box[0].lower, 1, 2) && fmpq_is(c->verify.box[0].upper, 3, 1));
    assert_true(fmpq_is(c->verify.time->lower, 1, 10) && fmpq_is(c->verify.time->upper, 1, 1));
    assert_int_equal(c->shock.present, 1);
    assert_int_equal(c->shock.digits, 30);
    assert_int_equal(c->shock.scope, CAUSTIC_SCOPE_GLOBAL);
    assert_null(c->shock.from);
    assert_int_equal(c->claims.present, 1);
    assert_int_equal(c->claims.hamilton_jacobi, 1);
    assert_int_equal(c->claims.burgers, 1);
    assert_null(c->claims.drift);
    expression_is(&r, c->claims.cometric[0], "2*z^2");
    expression_is(&r, c->claims.shock_time, "1");
    assert_string_equal(c->claims.shock_time_text, "4/y^2");
    expression_is(&r, c->claims.shock_at[0], "1/2");
    assert_int_equal(c->claims.no_shock, 0);
    assert_int_equal(c->expect[CAUSTIC_COMMAND_DERIVE], 0);
    assert_int_equal(c->audit_expect, 0);
    end_reading(&r);
}

/* The preset and what a user writes out are the same setting. */
static void
test_written_out(void ** state)
{
    reading preset, written;
    char * text = caustic_string_copy(neuron_case);
    char * line = strstr(text, "preset:");
    slong i;

    (void) state;
    memset(line, '#', 7);
    must_accept(&preset, neuron_case);
    must_accept(&written, text);
    assert_null(written.result->preset);
    for (i = 0; i < 4; i++)
    {
        char * a = caustic_expr_string(preset.result->pool, preset.result->setting->inverse_metric[i]);
        char * b = caustic_expr_string(written.result->pool, written.result->setting->inverse_metric[i]);

        assert_string_equal(a, b);
        flint_free(a);
        flint_free(b);
    }
    assert_int_equal(written.result->setting->generators, preset.result->setting->generators);
    expression_is(&written, written.result->setting->generator[1], "w");
    end_reading(&preset);
    end_reading(&written);
    flint_free(text);
}

static void
test_plane(void ** state)
{
    reading r;
    const caustic_case_struct * c = r.result;
    const caustic_setting_struct * s = c->setting;

    (void) state;
    must_accept(&r, plane_case);
    setting_is_whole(s);
    assert_string_equal(c->architecture, "custom");
    assert_null(c->preset);
    assert_null(c->title);
    assert_int_equal(s->elements, 2);
    assert_int_equal(s->strata, 2);
    expression_is(&r, s->element[1], "-q");
    assert_int_equal(s->element[2], symbol(&r, "q"));
    assert_int_equal(s->parameter_domain[0].lower_closed, 0);
    assert_int_equal(s->parameter_domain[0].upper_closed, 1);
    assert_true(fmpq_is(s->parameter_domain[0].lower, -1, 1));
    assert_true(fmpq_is(s->parameter_domain[0].upper, 5, 2));
    assert_true(s->parameter_domain[1].lower_infinite && s->parameter_domain[1].upper_infinite);
    assert_int_equal(s->loss_in_parameters, 1);
    /* mean((p*t - y)^2) + (2/3)*q over (1, -5/2), (1/3, 1/100), at p = 1, q = 0. */
    {
        caustic_expr at[2] = {caustic_integer(c->pool, 1), caustic_integer(c->pool, 0)};
        caustic_expr value = caustic_substitute(r.result->pool, s->loss, s->parameter, at, 2);

        assert_int_equal(caustic_expr_op(c->pool, value), CAUSTIC_OP_NUMBER);
        /* (49/4 + (97/300)^2)/2 */
        assert_true(fmpq_is(caustic_expr_fmpq(c->pool, value), 1111909, 180000));
    }
    assert_int_equal(c->verify.viscosities, 2);
    assert_true(fmpq_is(c->verify.viscosity + 1, 2, 3));
    assert_true(fmpq_is(c->verify.box[1].lower, -2, 3));
    {
        fmpz_t power;

        fmpz_init(power);
        fmpz_ui_pow_ui(power, 10, 30);
        assert_true(fmpz_is_one(fmpq_numref(c->verify.tolerance)));
        assert_true(fmpz_equal(fmpq_denref(c->verify.tolerance), power));
        fmpz_clear(power);
    }
    assert_int_equal(c->shock.scope, CAUSTIC_SCOPE_RAY);
    assert_int_equal(c->shock.digits, 50);
    assert_true(c->shock.box[0].upper_infinite && !c->shock.box[0].lower_infinite);
    assert_true(c->shock.box[1].lower_infinite && fmpq_is(c->shock.box[1].upper, 1, 1));
    assert_true(fmpq_is(c->shock.from, 1, 1) && fmpq_is(c->shock.from + 1, 0, 1));
    /* Second derivatives commute. */
    assert_true(caustic_expr_depends(c->pool, c->claims.hamilton_jacobi_right, symbol(&r, "u_r_s")));
    assert_int_equal(c->claims.no_shock, 1);
    assert_int_equal(c->claims.shock_time, CAUSTIC_NONE);
    assert_string_equal(c->claims.shock_time_text, "none");
    expression_is(&r, c->claims.drift[1], "sqrt(2)");
    assert_int_equal(c->expect[CAUSTIC_COMMAND_DERIVE], CAUSTIC_REFUTED);
    assert_int_equal(c->expect[CAUSTIC_COMMAND_TABLE], CAUSTIC_UNDECIDED);
    assert_int_equal(c->expect[CAUSTIC_COMMAND_SHOCK], 0);
    assert_int_equal(c->audit_expect, 2);
    assert_non_null(c->optimiser_metric);
    expression_is(&r, c->optimiser_metric[3], "2");
    assert_string_equal(c->normal_form_kind, "spectral");
    assert_int_equal(c->normal_form_maps, 0);
    end_reading(&r);
}

static void
test_blocks(void ** state)
{
    reading r;

    (void) state;
    must_accept(&r, block_case);
    setting_is_whole(r.result->setting);
    assert_string_equal(r.result->architecture, "mlp");
    assert_int_equal(r.result->setting->parameters, 3);
    assert_int_equal(r.result->setting->generators, 2);
    expression_is(&r, r.result->claims.shock_time, "8/3");
    assert_int_equal(r.result->claims.drift[0],
        caustic_mul(r.result->pool, caustic_integer(r.result->pool, 3), symbol(&r, "z")));
    end_reading(&r);
}

/* Without an action the parameters are the coordinates; a change of chart may be written. */
static void
test_trivial_group(void ** state)
{
    reading r;

    (void) state;
    must_accept(&r, LINE_CASE "loss: x^4\n");
    assert_int_equal(r.result->setting->coordinates, 1);
    assert_int_equal(r.result->setting->coordinate[0], symbol(&r, "x"));
    assert_int_equal(r.result->setting->section[0], symbol(&r, "x"));
    assert_int_equal(r.result->setting->invariant[0], symbol(&r, "x"));
    assert_int_equal(r.result->setting->loss_in_parameters, 0);
    end_reading(&r);

    must_accept(&r, HEAD "parameters: [{name: x, domain: \"(0, inf)\"}]\nmetric: euclidean\n"
        "action: {}\nquotient: [{name: s, is: log(x)}]\nsection: [exp(s)]\nloss: x^2\n");
    assert_int_equal(r.result->setting->loss_in_parameters, 1);
    assert_int_equal(r.result->setting->coordinate[0], symbol(&r, "s"));
    end_reading(&r);

    must_accept(&r, HEAD "parameters: [{name: x}, {name: y}]\nmetric: euclidean\n"
        "quotient: [{name: x, is: x}, {name: s, is: y - x}]\nsection: [x, s + x]\nloss: s + x\n");
    assert_int_equal(r.result->setting->loss_in_parameters, 0);
    end_reading(&r);
    reject(HEAD "parameters: [{name: x}, {name: y}]\nmetric: euclidean\n"
        "quotient: [{name: x, is: x}, {name: s, is: y - x}]\nsection: [x, s + x]\nloss: s + y\n", 6, 11, "mixes");
    accept(LINE_CASE "loss: 3\n");
    accept(LINE_CASE);
    accept(CHAIN_CASE);
    accept("\xEF\xBB\xBF" LINE_CASE);
    accept("%YAML 1.1\n---\n" LINE_CASE "...\n");
}

/* Bad files **********************************************************************************/

static void
test_text(void ** state)
{
    reading r;
    char * big;

    (void) state;
    reject("", 1, 1, "the file is empty");
    reject("\n\n# nothing\n", 0, 0, "the file is empty");
    reject("---\n...\n", 0, 0, "the file is empty");
    reject("''", 1, 1, "expected a mapping");
    reject("- a\n", 1, 1, "expected a mapping for a case, with keys among name, title");
    reject("name: a\xff\n", 1, 8, "0xFF is not UTF-8");
    reject("name: a\n\xc3\xa9\xc0\x80\n", 2, 2, "0xC0 is not UTF-8");
    reject("name: \xed\xa0\x80\n", 1, 7, "not UTF-8");
    reject("name: a\x01" "b\n", 1, 8, "U+0001");
    reject("name: a\r\nx: \x7f\n", 2, 4, "U+007F");
    reject("name: \xc2\x9b\n", 1, 7, "U+009B");
    reject("name: \xe2\x82", 1, 7, "not UTF-8");
    begin_reading(&r, "name: a\nb: \0c\n", 14, "test.yaml");
    assert_int_equal(r.status, CAUSTIC_BAD_INPUT);
    assert_int_equal(r.error->line, 2);
    assert_int_equal(r.error->column, 4);
    assert_non_null(strstr(r.error->message, "U+0000"));
    end_reading(&r);

    big = flint_malloc(CAUSTIC_CASE_BYTES + 1);
    memset(big, '#', CAUSTIC_CASE_BYTES + 1);
    begin_reading(&r, big, CAUSTIC_CASE_BYTES + 1, "test.yaml");
    assert_int_equal(r.status, CAUSTIC_BAD_INPUT);
    assert_non_null(strstr(r.error->message, "1 MiB"));
    end_reading(&r);
    begin_reading(&r, big, CAUSTIC_CASE_BYTES, "test.yaml");
    assert_int_equal(r.status, CAUSTIC_BAD_INPUT);
    assert_non_null(strstr(r.error->message, "empty"));
    end_reading(&r);
    flint_free(big);
}

static void
test_tree(void ** state)
{
    (void) state;
    reject(HEAD "metric: &m euclidean\n", 2, 9, "an anchor (&)");
    reject(HEAD "metric: *m\n", 2, 9, "an alias (*)");
    reject(HEAD "metric: !!str euclidean\n", 2, 9, "a tag (!)");
    reject(HEAD "metric: !mine [1]\n", 2, 9, "a tag (!)");
    reject("%TAG !e! tag:example.org,2026:\n---\nname: a\n", 0, 0, "%TAG");
    reject(HEAD "---\nname: b\n", 2, 1, "second document");
    reject(HEAD "metric: euclidean\nname: b\n", 3, 1, "'name' stands here a second time; the first is at line 1, column 1");
    reject(HEAD "action: {elements: [], 'elements': []}\n", 2, 24, "second time; the first is at line 2, column 10");
    reject(HEAD "<<: {metric: euclidean}\n", 2, 1, "merge key");
    reject(HEAD "? [a]\n: b\n", 2, 3, "found a list as a key");
    reject(HEAD "{a: b}: c\n", 2, 0, "as a key");
    reject(HEAD "title: \"a\\0b\"\n", 2, 8, "NUL");
    reject(HEAD "title: \"abc\n", 0, 0, "not valid YAML");
    reject(HEAD "  title: x\n", 2, 0, "not valid YAML");
    reject(HEAD "metric: [[1, 0], [0, 1]\n", 0, 0, "not valid YAML");
    reject(HEAD "\ttitle: x\n", 2, 0, "not valid YAML");
    reject(HEAD "metric: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]\n", 2, 72, "deeper than 64 levels");
    reject(HEAD "metric: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
        0, 0, "'parameters'");
}

static void
test_keys(void ** state)
{
    (void) state;
    reject(LINE_CASE "los: x\n", 4, 1, "unknown key 'los'; did you mean 'loss'? The keys of a case are: name, title");
    reject(LINE_CASE "optimizer: {metric: euclidean}\n", 4, 1, "did you mean 'optimiser'?");
    reject(LINE_CASE "wibble: x\n", 4, 1, "unknown key 'wibble'; the keys of a case are: name");
    reject(LINE_CASE "\"\\x1b[31mred\": x\n", 4, 1, "unknown key '?[31mred'");
    reject(LINE_CASE "verify: {viscosty: [1]}\n", 4, 10, "did you mean 'viscosity'?");
    reject(LINE_CASE "shock: {}\n", 4, 8, "'box' of shock is missing");
    reject(LINE_CASE "verify: {box: [[0, 1]], time: [1, 2]}\n", 4, 9, "'viscosity' of verify is missing");
    reject(LINE_CASE "verify: [1]\n", 4, 9, "expected a mapping for verify, with keys among viscosity, box, time, tolerance; found a list");
    reject(LINE_CASE "shock:\n", 4, 7, "expected a mapping for shock, with keys among box, digits, scope, from, viscous, after, peak, points, profile; found nothing");
    reject("title: x\n", 1, 1, "the key 'name' of a case is missing");
    reject("name: [a]\n", 1, 7, "expected the name of the case, found a list");
    reject("name: a b\n", 1, 7, "letters, digits and hyphens only; found 'a b'");
    reject("name: ../x\n", 1, 7, "letters, digits and hyphens only");
    reject("name: ''\n", 1, 7, "expected the name of the case, found an empty text");
    reject(HEAD "title: {a: b}\n", 2, 8, "expected a title, found a mapping");
    reject(LINE_CASE "architecture: rnn\n", 4, 15, "found 'rnn', expected one of mlp, cnn, transformer, meanfield, custom");
    reject(LINE_CASE "architecture: transfomer\n", 4, 15, "did you mean 'transformer'?");
    reject(HEAD, 1, 1, "the key 'preset' of a case is missing");
    reject(HEAD "metric: euclidean\n", 1, 1, "the key 'parameters' of a case is missing");
    reject(HEAD "parameters: [{name: x}]\n", 1, 1, "the key 'metric' of a case is missing");
}

static void
test_reduction_block(void ** state)
{
    (void) state;
    reject(HEAD "parameters: {name: x}\nmetric: euclidean\n", 2, 13, "expected a list of parameters {name, domain}, found a mapping");
    reject(HEAD "parameters: []\nmetric: euclidean\n", 2, 13, "found an empty list");
    reject(HEAD "parameters: [x]\nmetric: euclidean\n", 2, 14, "expected a mapping for a parameter");
    reject(HEAD "parameters: [{domain: \"(0, 1)\"}]\nmetric: euclidean\n", 2, 14, "'name' of a parameter is missing");
    reject(HEAD "parameters: [{name: x}, {name: x}]\nmetric: euclidean\n", 2, 32,
        "the name 'x' of a parameter is taken by a parameter (line 2, column 21)");
    reject(HEAD "parameters: [{name: 2x}]\nmetric: euclidean\n", 2, 21, "a letter, then letters and digits");
    reject(HEAD "parameters: [{name: x_1}]\nmetric: euclidean\n", 2, 21, "underscore is kept for derivatives");
    reject(HEAD "parameters: [{name: exp}]\nmetric: euclidean\n", 2, 21, "stands for a function");
    reject(HEAD "parameters: [{name: t}]\nmetric: euclidean\n", 2, 21, "stands for the smoothing time");
    reject(HEAD "parameters: [{name: nu}]\nmetric: euclidean\n", 2, 21, "stands for the viscosity");
    reject(HEAD "parameters: [{name: pi}]\nmetric: euclidean\n", 2, 21, "stands for the number");
    reject(HEAD "parameters: [{name: \"\"}]\nmetric: euclidean\n", 2, 21, "expected a name for a parameter, found an empty text");

    reject(HEAD "parameters: [{name: x, domain: [0, 1]}]\nmetric: euclidean\n", 2, 32, "expected an interval in quotes");
    reject(HEAD "parameters: [{name: x, domain: \"0, 1\"}]\nmetric: euclidean\n", 2, 32, "expected an interval in quotes");
    reject(HEAD "parameters: [{name: x, domain: \"(0; 1)\"}]\nmetric: euclidean\n", 2, 32, "one comma");
    reject(HEAD "parameters: [{name: x, domain: \"(0, 1, 2)\"}]\nmetric: euclidean\n", 2, 32, "one comma");
    reject(HEAD "parameters: [{name: x, domain: \"(1, 0)\"}]\nmetric: euclidean\n", 2, 32, "the interval is inverted");
    reject(HEAD "parameters: [{name: x, domain: \"[1, 1]\"}]\nmetric: euclidean\n", 2, 32, "equal ends");
    reject(HEAD "parameters: [{name: x, domain: \"(0, inf]\"}]\nmetric: euclidean\n", 2, 32, "an infinite end is open: write inf)");
    reject(HEAD "parameters: [{name: x, domain: \"(inf, 0)\"}]\nmetric: euclidean\n", 2, 32, "lower end of an interval cannot be inf");
    reject(HEAD "parameters: [{name: x, domain: \"(0, sqrt(2))\"}]\nmetric: euclidean\n", 2, 0, "expected a rational number");
    reject(HEAD "parameters: [{name: x, domain: \"(0, 1 + q)\"}]\nmetric: euclidean\n", 2, 41, "undeclared symbol 'q'");
    accept(HEAD "constants: [{name: c, value: 3}]\nparameters: [{name: x, domain: \"[-c, (1 + c)/2)\"}]\nmetric: euclidean\n");

    reject(HEAD "parameters: [{name: x}]\nmetric: riemann\n", 3, 9, "expected euclidean or a list of 1 rows for the inverse metric, found 'riemann'");
    reject(HEAD "parameters: [{name: x}]\nmetric: [1]\n", 3, 10, "expected a list of 1 expressions (one for each parameter), found '1'");
    reject(HEAD "parameters: [{name: x}]\nmetric: [[1], [1]]\n", 3, 9, "expected a list of 1 rows (as many as there are parameters), found 2");
    reject(HEAD "parameters: [{name: x}, {name: y}]\nmetric: [[1, 0], [0]]\n", 3, 18, "expected a list of 2 expressions");
    reject(HEAD "parameters: [{name: x}]\nmetric: [[\"1 + q\"]]\n", 3, 16, "undeclared symbol 'q'");
    reject(HEAD "parameters: [{name: x}]\nmetric: [[1 + q]]\n", 3, 15, "undeclared symbol 'q'");
    reject(HEAD "parameters: [{name: x}]\nmetric: [[]]\n", 3, 10, "found 0");

    reject(LINE_CASE "action: {generators: [[x]]}\n", 4, 9, "'quotient' of a case is missing");
    reject(LINE_CASE "section: [x]\n", 4, 10, "'quotient' of a case is missing");
    reject(LINE_CASE "action: {generators: x}\n", 4, 22, "expected a list of vector fields");
    reject(LINE_CASE "action: {generators: [x]}\nquotient: [{name: z, is: x}]\nsection: [z]\n", 4, 23, "expected a list of 1 expressions");
    reject(LINE_CASE "quotient: [{name: z}]\nsection: [z]\n", 4, 12, "'is' of a coordinate of the quotient is missing");
    reject(LINE_CASE "quotient: []\nsection: [1]\n", 4, 11, "found an empty list");
    reject(LINE_CASE "quotient: [{name: z, is: z}]\nsection: [z]\n", 4, 26, "undeclared symbol 'z'");
    reject(LINE_CASE "quotient: [{name: z, is: x}]\nsection: [x]\n", 5, 11, "undeclared symbol 'x'");
    reject(LINE_CASE "quotient: [{name: z, is: x}]\nsection: [z, z]\n", 5, 10, "expected a list of 1 expressions (one for each parameter), found 2");
    reject(LINE_CASE "quotient: [{name: x, is: 2*x}]\nsection: [x/2]\n", 4, 26, "must be that parameter");
    reject(LINE_CASE "quotient: [{name: x, is: x, domain: \"(0, 1)\"}]\nsection: [x]\n", 4, 12, "another domain");
    reject(LINE_CASE "action: {elements: [[-x]]}\nquotient: [{name: x, is: x^2}]\nsection: [x]\n", 5, 19, "taken by a parameter");
    reject(LINE_CASE "stratum: x\n", 4, 10, "expected a list of expressions");
    reject(LINE_CASE "constants: {c: 1}\n", 4, 12, "expected a list of constants {name, value}, found a mapping");
    reject(LINE_CASE "constants: [{name: c}]\n", 4, 13, "'value' of a constant is missing");
    reject(LINE_CASE "constants: [{name: x, value: 1}]\n", 2, 21, "taken by a constant (line 4, column 20)");
    reject(LINE_CASE "constants: [{name: c, value: d}, {name: d, value: 1}]\n", 4, 30, "undeclared symbol 'd'");
    reject(LINE_CASE "constants: [{name: c, value: x}]\n", 4, 30, "undeclared symbol 'x'");
}

static void
test_presets(void ** state)
{
    (void) state;
    reject(HEAD "preset: relu-chain\n", 2, 9, "expected a mapping such as {kind: relu-chain, depth: 2}");
    reject(HEAD "preset: {depth: 2}\n", 2, 9, "'kind' of preset is missing");
    reject(HEAD "preset: {kind: relu-chian, depth: 2}\n", 2, 16, "did you mean 'relu-chain'?");
    reject(HEAD "preset: {kind: quux, depth: 2}\n", 2, 16, "unknown preset; available: relu-chain, relu-neuron");
    accept(HEAD "preset: {kind: attention, model: 2, head: 2, product: vo, heads: 3}\n");
    accept(HEAD "preset: {kind: attention, model: 2, head: 2, rotary: true}\n");
    accept(HEAD "preset: {kind: relu-network, widths: [2, 3, +2, 1]}\n");
    reject(HEAD "preset: {kind: attention, model: 2, head: 3}\n", 2, 43, "needs a head that is at most the model, 2; found 3");
    reject(HEAD "preset: {kind: attention, model: 2, head: 2, rotary: yes}\n", 2, 46, "must be true or false; found a word");
    reject(HEAD "preset: {kind: attention, model: 2, head: 2, product: vq}\n", 2, 46, "must be qk or vo");
    reject(HEAD "preset: {kind: batchnorm, fan_in: 3, chart: stereographics}\n", 2, 38, "did you mean 'stereographic'?");
    reject(HEAD "preset: {kind: relu-network, widths: [1, 2]}\n", 2, 38, "must be a list of 3 to 25 integers from 1 to 10000 such as [2, 3, 1]; found a list of 2");
    reject(HEAD "preset: {kind: relu-network, widths: []}\n", 2, 38, "found a list of 0");
    reject(HEAD "preset: {kind: relu-network, widths: [1, 0, 1]}\n", 2, 38, "found 0 in it");
    reject(HEAD "preset: {kind: relu-network, widths: [1, two, 1]}\n", 2, 42, "expected an integer in the list, found 'two'");
    reject(HEAD "preset: {kind: relu-network, widths: [1, [2], 1]}\n", 2, 42, "expected an integer, found a list");
    reject(HEAD "preset: {kind: relu-network, widths: [1, 99999999999999999999, 1]}\n", 2, 42, "too large");
    reject(HEAD "preset: {kind: relu-network, widths: 3}\n", 2, 38, "must be a list of 3 to 25 integers");
    reject(HEAD "preset: {kind: relu-network, widths: {a: 1}}\n", 2, 38, "expected an integer, a word or a list of integers");
    reject(HEAD "preset: {kind: relu-chain}\n", 2, 16, "needs the key depth");
    reject(HEAD "preset: {kind: relu-chain, depth: 1}\n", 2, 35, "must be an integer from 2 to 2000; found 1");
    reject(HEAD "preset: {kind: relu-chain, depth: -3}\n", 2, 35, "found -3");
    reject(HEAD "preset: {kind: relu-chain, depth: 100000000000}\n", 2, 35, "found 100000000000");
    reject(HEAD "preset: {kind: relu-chain, depth: 100000000000000000000}\n", 2, 35, "too large");
    reject(HEAD "preset: {kind: relu-chain, depth: two}\n", 2, 28, "found a word");
    reject(HEAD "preset: {kind: relu-chain, depth: 2.5}\n", 2, 28, "must be an integer");
    reject(HEAD "preset: {kind: relu-chain, depth: [2]}\n", 2, 35, "must be an integer from 2 to 2000; found a list of 1");
    reject(HEAD "preset: {kind: relu-chain, dept: 2}\n", 2, 34, "its keys are: kind, depth");
    reject(HEAD "preset: {kind: relu-neuron, inputs: 0}\n", 2, 37, "must be an integer from 1 to 10000; found 0");
    reject(CHAIN_CASE "metric: euclidean\n", 3, 9, "the preset 'relu-chain' has");
    reject(CHAIN_CASE "metric: [[w1^2, 0], [0, 2*w2^2]]\n", 3, 25, "the preset 'relu-chain' has 'w2^2' here, the case says '2*w2^2'");
    reject(CHAIN_CASE "parameters: [{name: w1, domain: \"(0, inf)\"}]\n", 3, 13, "with 2 entries, here are 1");
    reject(CHAIN_CASE "parameters: [{name: w2, domain: \"(0, inf)\"}, {name: w1, domain: \"(0, inf)\"}]\n", 3, 21, "has 'w1' here");
    reject(CHAIN_CASE "quotient: [{name: z, is: w1*w2, domain: \"(0, 1)\"}]\n", 3, 41, "has '(0, inf)' here");
    reject(CHAIN_CASE "action: {elements: [[w2, w1]]}\n", 3, 20, "with 0 entries, here are 1");
    reject(CHAIN_CASE "stratum: [w1]\n", 3, 10, "with 0 entries");
    reject(CHAIN_CASE "section: [z, 1]\n", 3, 11, "has '1' here");
    accept(CHAIN_CASE "section: [1, z]\noptimiser: {metric: [[1, 0], [0, w1]]}\n");
    reject(CHAIN_CASE "constants: [{name: z, value: 1}]\n", 2, 9, "'z' of a coordinate of the preset is taken by a constant (line 3, column 20)");
    reject(CHAIN_CASE "data: {columns: [w1], rows: [[1]]}\n", 3, 18, "'w1' of a data column is taken by a parameter of the preset");
}

static void
test_data_block(void ** state)
{
    (void) state;
    reject(LINE_CASE "data: {columns: [a, b]}\n", 4, 7, "'rows' of data is missing");
    reject(LINE_CASE "data: {columns: [], rows: []}\n", 4, 17, "at least one column");
    reject(LINE_CASE "data: {columns: [a], rows: []}\n", 4, 28, "at least one row");
    reject(LINE_CASE "data: {columns: [a, b], rows: [[1, 2], [3]]}\n", 4, 40, "expected a list of 2 numbers (one for each column), found 1");
    reject(LINE_CASE "data: {columns: [a, b], rows: [1, 2]}\n", 4, 32, "expected a list of 2 numbers (one for each column), found '1'");
    reject(LINE_CASE "data: {columns: [a], rows: [[pi]]}\n", 4, 30, "expected a number such as");
    reject(LINE_CASE "data: {columns: [a], rows: [['1/0']]}\n", 4, 32, "division by zero");
    reject(LINE_CASE "data: {columns: [a], rows: [[]]}\n", 4, 29, "found 0");
    reject(LINE_CASE "data: {columns: [a], rows: [[[1]]]}\n", 4, 30, "expected a number, found a list");
    reject(LINE_CASE "data: {columns: [a, a], rows: [[1, 2]]}\n", 4, 21, "'a' of a data column is taken by a data column");
    reject(LINE_CASE "data: {columns: [x], rows: [[1]]}\n", 4, 18, "'x' of a data column is taken by a parameter");
    reject(LINE_CASE "data: {columns: [sum], rows: [[1]]}\n", 4, 18, "stands for");
    reject(LINE_CASE "data: {file: a.csv, columns: [a]}\n", 4, 14, "not both");
    reject(LINE_CASE "data: {file: [a]}\n", 4, 14, "expected the name of a file");
    accept(LINE_CASE "data: {columns: [a], rows: [[1], [3]]}\nclaims: {shock_time: 1/mean(a), shock_at: [sum(a)]}\n");
    reject(LINE_CASE "claims: {shock_time: 1/mean(a)}\n", 4, 24, "there is no data here");
    reject(LINE_CASE "data: {columns: [a], rows: [[1]]}\nverify: {viscosity: [mean(a)], box: [[0, 1]], time: [1, 2]}\n", 5, 22,
        "there is no data here");
    accept(LINE_CASE "data: {columns: [t, u, v], rows: [[1, 2, 3]]}\nloss: sum(t*x)\n");
    reject(LINE_CASE "loss: mean(x)\n", 4, 7, "there is no data here");
    reject(LINE_CASE "data: {columns: [a], rows: [[1]]}\nloss: a*x\n", 5, 7, "only inside mean(...) or sum(...)");
}

static void
test_loss(void ** state)
{
    (void) state;
    reject(CHAIN_CASE "loss: w1*z\n", 3, 7, "mixes the parameter 'w1' with the coordinate 'z'");
    reject(CHAIN_CASE "loss: \"z + w2\"\n", 3, 12, "mixes the parameter 'w2' with the coordinate 'z'");
    reject(CHAIN_CASE "loss: z + nu\n", 3, 11, "must be -2*nu*log(p) with p free of nu");
    reject(CHAIN_CASE "loss: z + q\n", 3, 11, "undeclared symbol 'q'");
    reject(CHAIN_CASE "loss: z/(1-1)\n", 3, 8, "division by zero");
    reject(CHAIN_CASE "loss: z + u_z\n", 3, 11, "stands for a derivative");
    reject(CHAIN_CASE "loss: [z]\n", 3, 7, "expected an expression for the loss, found a list");
    reject(CHAIN_CASE "loss:\n", 3, 6, "expected an expression for the loss, found nothing");
    reject(CHAIN_CASE "loss: z +\n", 3, 10, "found the end");
    /* Positions in texts of several lines and with escapes. */
    reject(CHAIN_CASE "loss: \"z +\n  z + q\"\n", 4, 7, "undeclared symbol 'q'");
    reject(CHAIN_CASE "loss: z +\n\n  z + q\n", 5, 7, "undeclared symbol 'q'");
    reject(CHAIN_CASE "loss: \"\\x7a + q\"\n", 3, 15, "undeclared symbol 'q'");
    reject(CHAIN_CASE "loss: |\n   z +\n   z + q\n", 5, 8, "undeclared symbol 'q'");
    reject(CHAIN_CASE "loss: 'z + ''q'\n", 3, 0, "expected a number, a name");
    reject(CHAIN_CASE "loss: z^100000000000000000000\n", 3, 8, "beyond 10000, the limit");
}

static void
test_other_blocks(void ** state)
{
    static const char * const verify = CHAIN_CASE "verify: {viscosity: %s, box: %s, time: %s, tolerance: %s}\n";
    char text[512];

#define VERIFY(viscosity, box, time, tolerance, column, fragment) \
    snprintf(text, sizeof(text), verify, viscosity, box, time, tolerance); \
    reject(text, 3, column, fragment)

    (void) state;
    VERIFY("[1]", "[[1, 2]]", "[1, 2]", "0", 66, "expected a positive number for the tolerance, found '0'");
    VERIFY("1", "[[1, 2]]", "[1, 2]", "1", 21, "expected a list of viscosities");
    VERIFY("[]", "[[1, 2]]", "[1, 2]", "1", 21, "a list of viscosities such as");
    VERIFY("[0]", "[[1, 2]]", "[1, 2]", "1", 22, "expected a positive number for the viscosity");
    VERIFY("[sqrt(2)]", "[[1, 2]]", "[1, 2]", "1", 22, "expected a rational number for the viscosity, such as 1/20 or 0.05; 'sqrt(2)'");
    VERIFY("[z]", "[[1, 2]]", "[1, 2]", "1", 22, "z");
    VERIFY("[1]", "[1, 2]", "[1, 2]", "1", 31, "expected a list of 1 pairs [lower, upper] (one for each coordinate of the quotient), found 2");
    VERIFY("[1]", "[[1, 2], [1, 2]]", "[1, 2]", "1", 31, "found 2");
    VERIFY("[1]", "[[1]]", "[1, 2]", "1", 32, "expected a pair [lower, upper] for the box of verify, found a list");
    VERIFY("[1]", "[[2, 1]]", "[1, 2]", "1", 32, "the box of verify is inverted");
    VERIFY("[1]", "[[1, 1]]", "[1, 2]", "1", 32, "equal ends");
    VERIFY("[1]", "[[1, inf]]", "[1, 2]", "1", 36, "the box of verify needs finite ends; found 'inf'");
    VERIFY("[1]", "[[-1, 1]]", "[1, 2]", "1", 33, "the lower end of the box of verify for 'z' is outside its domain (0, inf)");
    VERIFY("[1]", "[[0, 1]]", "[1, 2]", "1", 33, "is an open end of its domain (0, inf)");
    VERIFY("[1]", "[[1, 2]]", "[2, 1]", "1", 47, "the time is inverted");
    VERIFY("[1]", "[[1, 2]]", "[0, 1]", "1", 48, "the time must begin after 0");
    VERIFY("[1]", "[[1, 2]]", "[-1, 1]", "1", 48, "the time must begin after 0");
    VERIFY("[1]", "[[1, 2]]", "[1, 1]", "1", 47, "equal ends");
    VERIFY("[1]", "[[1, 2]]", "1", "1", 47, "expected a pair [lower, upper] for the time, found '1'");

    reject(CHAIN_CASE "shock: {box: [[0, 1]]}\n", 3, 16, "open end of its domain");
    reject(CHAIN_CASE "shock: {box: [[-inf, 1]]}\n", 3, 16, "the lower end of the box of shock for 'z' is outside its domain");
    reject(CHAIN_CASE "shock: {box: [[inf, 1]]}\n", 3, 16, "lower end of the box of shock cannot be inf");
    reject(CHAIN_CASE "shock: {box: [[1, -inf]]}\n", 3, 19, "upper end of the box of shock cannot be -inf");
    reject(CHAIN_CASE "shock: {box: [[3, 1]]}\n", 3, 15, "the box of shock is inverted");
    reject(CHAIN_CASE "shock: {box: [[1, 2]], digits: 0}\n", 3, 32, "an integer from 1 to 100000, found '0'");
    reject(CHAIN_CASE "shock: {box: [[1, 2]], digits: 100001}\n", 3, 32, "an integer from 1 to 100000");
    reject(CHAIN_CASE "shock: {box: [[1, 2]], digits: 1/2}\n", 3, 32, "an integer");
    reject(CHAIN_CASE "shock: {box: [[1, 2]], scope: globl}\n", 3, 31, "did you mean 'global'?");
    reject(CHAIN_CASE "shock: {box: [[1, 2]], scope: ray}\n", 3, 31, "needs the key from");
    reject(CHAIN_CASE "shock: {box: [[1, 2]], from: [1]}\n", 3, 30, "belongs to scope: ray");
    reject(CHAIN_CASE "shock: {box: [[1, 2]], scope: ray, from: [1, 2]}\n", 3, 42, "expected a list of 1 numbers");
    reject(CHAIN_CASE "shock: {box: [[1, 2]], scope: ray, from: [-1]}\n", 3, 43, "outside the domain");
    accept(CHAIN_CASE "shock: {box: [[1, inf]]}\n");

    reject(CHAIN_CASE "claims: {cometric: [z]}\n", 3, 21, "expected a list of 1 expressions");
    reject(CHAIN_CASE "claims: {cometric: [[w1]]}\n", 3, 22, "undeclared symbol 'w1'");
    reject(CHAIN_CASE "claims: {drift: [z, z]}\n", 3, 17, "expected a list of 1 expressions");
    reject(CHAIN_CASE "claims: {hamilton_jacobi: u_t}\n", 3, 27, "an equation is expected here");
    reject(CHAIN_CASE "claims: {hamilton_jacobi: \"u_t = 1 = 2\"}\n", 3, 36, "this is the second");
    reject(CHAIN_CASE "claims: {hamilton_jacobi: \"u_t + u_w = 0\"}\n", 3, 34, "'u_w' is no derivative here; expected u_t, u_z or u_z_z");
    reject(CHAIN_CASE "claims: {hamilton_jacobi: u_z_z_z = 0}\n", 3, 27, "no derivative here");
    reject(CHAIN_CASE "claims: {hamilton_jacobi: u_z_t = 0}\n", 3, 27, "no derivative here");
    reject(CHAIN_CASE "claims: {hamilton_jacobi: v_z = 0}\n", 3, 27, "no derivative here");
    reject(CHAIN_CASE "claims: {hamilton_jacobi: u_ = 0}\n", 3, 27, "no derivative here");
    reject(CHAIN_CASE "claims: {hamilton_jacobi: u_t__z_ = 0}\n", 3, 27, "no derivative here");
    reject(CHAIN_CASE "claims: {hamilton_jacobi: w1 + u_t = 0}\n", 3, 27, "undeclared symbol 'w1'");
    reject(CHAIN_CASE "claims: {burgers: [u_t = 0]}\n", 3, 20, "'u_t' is no derivative here; expected v_z, v_z_t, v_z_z or v_z_z_z");
    reject(CHAIN_CASE "claims: {burgers: [v_t = 0]}\n", 3, 20, "no derivative here");
    reject(CHAIN_CASE "claims: {burgers: [v_z_t_z = 0]}\n", 3, 20, "no derivative here");
    reject(CHAIN_CASE "claims: {burgers: v_z = 0}\n", 3, 19, "expected a list of 1 equations");
    reject(CHAIN_CASE "claims: {burgers: [\"v_z_t + ... = ...\"]}\n", 3, 29, "found '.'");
    reject(CHAIN_CASE "claims: {shock_time: z}\n", 3, 22, "undeclared symbol 'z'");
    reject(CHAIN_CASE "claims: {shock_time: [1]}\n", 3, 22, "expected a constant expression, or none, for the shock time, found a list");
    reject(CHAIN_CASE "claims: {shock_time: none, shock_at: [1]}\n", 3, 38, "leave out the one or the other");
    reject(CHAIN_CASE "claims: {shock_at: [1, 2]}\n", 3, 20, "expected a list of 1 expressions");

    reject(CHAIN_CASE "expect: {derive: PROOVED}\n", 3, 18, "did you mean 'PROVED'?");
    reject(CHAIN_CASE "expect: {audit: PROVED}\n", 3, 17, "expected one of HOLDS, HOLDS_ON_LEAVES, FAILS, UNDECIDED");
    reject(CHAIN_CASE "expect: {plot: PROVED}\n", 3, 10, "unknown key 'plot'");
    reject(CHAIN_CASE "normal_form: {map: [z]}\n", 3, 14, "'kind' of normal_form is missing");
    reject(CHAIN_CASE "normal_form: {kind: eucldean}\n", 3, 21, "did you mean 'euclidean'?");
    reject(CHAIN_CASE "normal_form: {kind: euclidean, map: [z, z]}\n", 3, 37, "expected a list of 1 expressions");
    reject(CHAIN_CASE "normal_form: {kind: euclidean, map: z}\n", 3, 37, "expected a list of expressions");
    reject(CHAIN_CASE "optimiser: {}\n", 3, 12, "'metric' of optimiser is missing");
    reject(CHAIN_CASE "optimiser: {metric: [[1, z], [0, 1]]}\n", 3, 26, "undeclared symbol 'z'");
#undef VERIFY
}

/* Limits *************************************************************************************/

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

/* A megabyte of the worst that the schema lets through must be answered at once. */
static void
reject_quickly(caustic_text_t text, const char * fragment)
{
    double start = seconds();
    double taken;

    assert_true(text->length <= CAUSTIC_CASE_BYTES);
    reject(text->data, 0, 0, fragment);
    taken = seconds() - start;
    if (taken > 2.0)
    {
        print_message("%s: %.1f s\n", fragment, taken);
        /* Instrumented builds are several times slower; this is a net for quadratic behaviour. Under
           valgrind CAUSTIC_TEST_SLOW lifts it. */
        assert_true(taken < 10.0 || getenv("CAUSTIC_TEST_SLOW") != NULL);
    }
}

static void
test_limits(void ** state)
{
    caustic_text_t text;
    slong i;

    (void) state;
    caustic_text_init(text);

    for (i = 0; i < 95000; i++)
    {
        caustic_text_printf(text, "k%ld: 1\n", (long) i);
    }
    caustic_text_append(text, "k0: 1\n");
    reject_quickly(text, "the key 'k0' stands here a second time");

    caustic_text_reset(text);
    caustic_text_append(text, HEAD "metric: ");
    for (i = 0; i < 500000; i++)
    {
        caustic_text_append(text, i % 2 == 0 ? "[" : " ");
    }
    reject_quickly(text, "deeper than 64 levels");

    caustic_text_reset(text);
    caustic_text_append(text, HEAD "metric: euclidean\nparameters:\n");
    for (i = 0; i < 10001; i++)
    {
        caustic_text_printf(text, "- {name: x%ld}\n", (long) i);
    }
    reject_quickly(text, "10001 parameters are more than 10000, the limit");

    caustic_text_reset(text);
    caustic_text_append(text, HEAD "metric: euclidean\nparameters:\n");
    for (i = 0; i < 2001; i++)
    {
        caustic_text_printf(text, "- {name: x%ld}\n", (long) i);
    }
    reject_quickly(text, "2001 x 2001 entries is too large");

    caustic_text_reset(text);
    caustic_text_append(text, HEAD "metric: euclidean\nparameters:\n");
    for (i = 0; i < 1900; i++)
    {
        caustic_text_printf(text, "- {name: x%ld}\n", (long) i);
    }
    caustic_text_append(text, "- {name: x7}\n");
    reject_quickly(text, "the name 'x7' of a parameter is taken");

    caustic_text_reset(text);
    caustic_text_append(text, LINE_CASE "loss: ");
    for (i = 0; i < 200000; i++)
    {
        caustic_text_append(text, "(");
    }
    reject_quickly(text, "1000");

    caustic_text_reset(text);
    caustic_text_append(text, LINE_CASE "loss: \"");
    for (i = 0; i < 300000; i++)
    {
        caustic_text_append(text, "-");
    }
    caustic_text_append(text, "x\"\n");
    reject_quickly(text, "1000");

    caustic_text_reset(text);
    caustic_text_append(text, LINE_CASE "data:\n  columns: [a]\n  rows: [");
    for (i = 0; i < 200000; i++)
    {
        caustic_text_append(text, "[1],");
    }
    caustic_text_append(text, "[b]]\n");
    reject_quickly(text, "found 'b'");

    caustic_text_reset(text);
    caustic_text_append(text, LINE_CASE "title: \"");
    for (i = 0; i < 500000; i++)
    {
        caustic_text_append(text, "\\t");
    }
    caustic_text_append(text, "\"\nloss: q\n");
    reject_quickly(text, "undeclared symbol 'q'");

    caustic_text_reset(text);
    for (i = 0; i < 60000; i++)
    {
        caustic_text_printf(text, "%%TAG !a%ld! b\n", (long) i);
    }
    reject_quickly(text, "a %TAG directive");

    caustic_text_reset(text);
    caustic_text_append(text, LINE_CASE "data:\n  columns: [a]\n  rows: [[1]");
    for (i = 2; i < 60000; i++)
    {
        caustic_text_printf(text, ",[%lde-9990]", (long) i);
    }
    caustic_text_append(text, "]\n");
    reject_quickly(text, "more than 100000000 bits together");

    caustic_text_reset(text);
    caustic_text_append(text, LINE_CASE "verify:\n  time: [1, 2]\n  box: [[1, 2]]\n  viscosity: [1");
    for (i = 2; i < 60000; i++)
    {
        caustic_text_printf(text, ",%lde-9990", (long) i);
    }
    caustic_text_append(text, "]\n");
    reject_quickly(text, "more than 100000000 bits together");

    caustic_text_reset(text);
    caustic_text_append(text, LINE_CASE "data:\n  columns: [a]\n  rows: [[1]");
    for (i = 0; i < 150000; i++)
    {
        caustic_text_append(text, ",[1]");
    }
    caustic_text_append(text, "]\nloss: 0");
    for (i = 0; i < 1000; i++)
    {
        caustic_text_printf(text, "+mean((a*x-%ld)^2)", (long) i);
    }
    reject_quickly(text, "data rows is too large");

    caustic_text_reset(text);
    caustic_text_append(text, LINE_CASE "constants:\n");
    for (i = 0; i < 10001; i++)
    {
        caustic_text_printf(text, "- {name: c%ld, value: 1}\n", (long) i);
    }
    reject_quickly(text, "10001 constants are more than 10000");

    /* A full matrix of short expressions, with more names than the parser should sort each time. */
    caustic_text_reset(text);
    caustic_text_append(text, HEAD "parameters:\n");
    for (i = 0; i < 480; i++)
    {
        caustic_text_printf(text, "- {name: x%ld}\n", (long) i);
    }
    caustic_text_append(text, "metric:\n");
    for (i = 0; i < 480; i++)
    {
        slong j;

        caustic_text_append(text, "- [x7");
        for (j = 1; j < 480; j++)
        {
            caustic_text_append(text, i == 479 && j == 479 ? ",q" : ",x9");
        }
        caustic_text_append(text, "]\n");
    }
    reject_quickly(text, "undeclared symbol 'q'; declared here are: x0, x1");

    caustic_text_reset(text);
    caustic_text_append(text, "name: ");
    for (i = 0; i < 101; i++)
    {
        caustic_text_append(text, "a");
    }
    reject_quickly(text, "longer than 100 characters");

    caustic_text_clear(text);
}

/* Files **************************************************************************************/

static char scratch[256];

static int
make_scratch(void ** state)
{
    const char * base = getenv("TMPDIR");

    (void) state;
    snprintf(scratch, sizeof(scratch), "%s/caustic-case-XXXXXX", base != NULL ? base : "/tmp");
    return mkdtemp(scratch) == NULL;
}

static void
remove_below(const char * path)
{
    DIR * stream = opendir(path);
    struct dirent * entry;

    while (stream != NULL && (entry = readdir(stream)) != NULL)
    {
        char name[1024];
        struct stat status;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
        {
            continue;
        }
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (lstat(name, &status) == 0 && S_ISDIR(status.st_mode))
        {
            remove_below(name);
        }
        else
        {
            unlink(name);
        }
    }
    if (stream != NULL)
    {
        closedir(stream);
    }
    rmdir(path);
}

static int
remove_scratch(void ** state)
{
    (void) state;
    remove_below(scratch);
    return 0;
}

static const char *
scratch_path(const char * name)
{
    static char path[512];

    snprintf(path, sizeof(path), "%s/%s", scratch, name);
    return path;
}

static void
write_scratch(const char * name, const char * text)
{
    FILE * stream = fopen(scratch_path(name), "wb");

    assert_non_null(stream);
    assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
    assert_int_equal(fclose(stream), 0);
}

static void
read_scratch(const char * name, caustic_result status, slong line, slong column, const char * fragment)
{
    caustic_case_t result;
    caustic_error_t error;
    caustic_result got;

    caustic_error_init(error);
    got = caustic_case_read(result, scratch_path(name), error);
    if (got != CAUSTIC_OK)
    {
        if (got != status || strstr(error->message, fragment) == NULL || error->line != line || error->column != column)
        {
            print_message("expected %ld:%ld %s\n", (long) line, (long) column, fragment);
            show_error(error);
            fail();
        }
        assert_int_equal(strncmp(error->file, scratch, strlen(scratch)), 0);
    }
    assert_int_equal(got, status);
    caustic_case_clear(result);
    caustic_error_clear(error);
}

static void
test_files(void ** state)
{
    (void) state;
    read_scratch("missing.yaml", CAUSTIC_IO_ERROR, 0, 0, "No such file");
    read_scratch("", CAUSTIC_IO_ERROR, 0, 0, "a directory");
    assert_int_equal(mkfifo(scratch_path("fifo.yaml"), 0600), 0);
    read_scratch("fifo.yaml", CAUSTIC_IO_ERROR, 0, 0, "not a regular file");
    write_scratch("good.yaml", neuron_case);
    read_scratch("good.yaml", CAUSTIC_OK, 0, 0, "");
}

static void
test_csv(void ** state)
{
    caustic_case_t result;
    caustic_error_t error;
    fmpq_t expected;

    (void) state;
    write_scratch("data.yaml", LINE_CASE "data: {file: points.csv}\nloss: sum(a*x - b)\n");
    read_scratch("data.yaml", CAUSTIC_IO_ERROR, 0, 0, "cannot open the data file: No such file");

    write_scratch("points.csv", "# provenance\r\na, \"b\"\r\n\r\n1,2\r\n \"0.5\" ,-1/3\r\n# end\r\n1e-2,7");
    caustic_error_init(error);
    fmpq_init(expected);
    assert_int_equal(caustic_case_read(result, scratch_path("data.yaml"), error), CAUSTIC_OK);
    {
        /* 1.51*x - (2 - 1/3 + 7) */
        caustic_expr zero = caustic_integer(result->pool, 0);
        caustic_expr one = caustic_integer(result->pool, 1);
        caustic_expr value = caustic_substitute(result->pool, result->setting->loss, result->setting->parameter, &zero, 1);

        assert_true(fmpq_is(caustic_expr_fmpq(result->pool, value), -26, 3));
        value = caustic_substitute(result->pool, result->setting->loss, result->setting->parameter, &one, 1);
        fmpq_set_si(expected, 151 * 3 - 2600, 300);
        fmpq_canonicalise(expected);
        assert_true(fmpq_equal(expected, caustic_expr_fmpq(result->pool, value)));
    }
    caustic_case_clear(result);
    caustic_error_clear(error);
    fmpq_clear(expected);

    write_scratch("points.csv", "");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 1, 1, "has no rows");
    write_scratch("points.csv", "a,b\n# only\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 1, 1, "has no rows");
    write_scratch("points.csv", "a,b\n1\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 2, 2, "expected 2 fields as in the header, found 1");
    write_scratch("points.csv", "a,b\n1,2,3\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 2, 5, "more fields than the header's 2 columns");
    write_scratch("points.csv", "a,b\n1, x2\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 2, 4, "found 'x'");
    write_scratch("points.csv", "a,b\n1,\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 2, 3, "expected a number in column 'b', found nothing");
    write_scratch("points.csv", "a,b\n1,\"2\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 2, 3, "not closed");
    write_scratch("points.csv", "a,b\n1,\"2\"3\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 2, 6, "expected a comma");
    write_scratch("points.csv", "a,a\n1,2\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 1, 3, "'a' of a data column is taken by a data column");
    write_scratch("points.csv", "a,x\n1,2\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 1, 3, "'x' of a data column is taken by a parameter");
    write_scratch("points.csv", "a,b c\n1,2\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 1, 3, "cannot be the name of a data column");
    write_scratch("points.csv", "1,2\n1,2\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 1, 1, "cannot be the name of a data column");
    write_scratch("points.csv", "a,b\n1,\xff\n");
    read_scratch("data.yaml", CAUSTIC_BAD_INPUT, 2, 3, "not UTF-8");
    write_scratch("data.yaml", LINE_CASE "data: {file: .}\n");
    read_scratch("data.yaml", CAUSTIC_IO_ERROR, 0, 0, "a directory");
}

static void
test_list(void ** state)
{
    char ** files;
    slong length;
    caustic_error_t error;

    (void) state;
    assert_int_equal(mkdir(scratch_path("tree"), 0700), 0);
    caustic_error_init(error);
    assert_int_equal(caustic_case_list(&files, &length, scratch_path("tree"), error), CAUSTIC_BAD_USAGE);
    assert_non_null(strstr(error->message, "no case files"));
    assert_int_equal(caustic_case_list(&files, &length, scratch_path("nowhere"), error), CAUSTIC_IO_ERROR);

    assert_int_equal(mkdir(scratch_path("tree/b"), 0700), 0);
    assert_int_equal(symlink("..", scratch_path("tree/b/loop")), 0);
    assert_int_equal(symlink("..", scratch_path("tree/b/loop.yaml")), 0);
    write_scratch("tree/b/two.yml", HEAD);
    write_scratch("tree/b/.hidden.yaml", HEAD);
    write_scratch("tree/b/points.csv", "a\n1\n");
    write_scratch("tree/one.yaml", HEAD);
    write_scratch("tree/a.yaml", HEAD);
    assert_int_equal(caustic_case_list(&files, &length, scratch_path("tree"), error), CAUSTIC_OK);
    assert_int_equal(length, 3);
    assert_string_equal(files[0], scratch_path("tree/a.yaml"));
    assert_string_equal(files[1], scratch_path("tree/b/two.yml"));
    assert_string_equal(files[2], scratch_path("tree/one.yaml"));
    caustic_case_list_clear(files, length);

    assert_int_equal(caustic_case_list(&files, &length, scratch_path("tree/b/points.csv"), error), CAUSTIC_OK);
    assert_int_equal(length, 1);
    assert_string_equal(files[0], scratch_path("tree/b/points.csv"));
    caustic_case_list_clear(files, length);
    caustic_error_clear(error);
}

/* The corpus *********************************************************************************/

/* tests/bad/65-....yaml must be refused as bad input, with the message that its first line names
   in a comment "# expect: ...". */
static void
test_corpus(void ** state)
{
    char directory[512];
    char ** files;
    slong length, i;
    slong named = 0;
    caustic_error_t error;

    (void) state;
    source_path(directory, sizeof(directory), "bad");
    caustic_error_init(error);
    assert_int_equal(caustic_case_list(&files, &length, directory, error), CAUSTIC_OK);
    for (i = 0; i < length; i++)
    {
        caustic_case_t result;
        caustic_result status = caustic_case_read(result, files[i], error);
        const char * name = strrchr(files[i], '/') + 1;
        char line[256] = "";
        FILE * stream = fopen(files[i], "rb");

        assert_non_null(stream);
        if (fgets(line, sizeof(line), stream) != NULL && strncmp(line, "# expect: ", 10) == 0)
        {
            line[strcspn(line, "\r\n")] = 0;
            named++;
            if (status == CAUSTIC_OK || strstr(error->message, line + 10) == NULL)
            {
                print_message("%s: expected %s\n", files[i], line + 10);
                show_error(error);
                fail();
            }
        }
        fclose(stream);
        if (status != (strncmp(name, "74-", 3) == 0 ? CAUSTIC_IO_ERROR : CAUSTIC_BAD_INPUT))
        {
            print_message("%s: result %d\n", files[i], (int) status);
            fail();
        }
        assert_true(strncmp(name, "65-", 3) == 0 || strncmp(name, "74-", 3) == 0);
        caustic_case_clear(result);
    }
    assert_true(length >= 20 && named >= 18);
    caustic_case_list_clear(files, length);
    caustic_error_clear(error);
}

/* The documentation **************************************************************************/

static char *
whole_file(const char * path)
{
    FILE * stream = fopen(path, "rb");
    caustic_text_t text;
    char buffer[4096];
    char * result;
    size_t got;

    assert_non_null(stream);
    caustic_text_init(text);
    while ((got = fread(buffer, 1, sizeof(buffer), stream)) > 0)
    {
        caustic_text_append_length(text, buffer, got);
    }
    fclose(stream);
    result = caustic_text_take(text);
    caustic_text_clear(text);
    return result;
}

/* Every yaml block of the reference that is a whole case (it has a name) is read; and the
   reference speaks of every key of the schema. */
static void
test_documentation(void ** state)
{
    char path[512];
    char * text;
    char * at;
    slong read = 0;
    slong block, key;

    (void) state;
    source_path(path, sizeof(path), "../docs/case-files.md");
    text = whole_file(path);
    for (block = 0; block < BLOCKS; block++)
    {
        for (key = 0; key < caustic_schema[block].length; key++)
        {
            char quoted[64];

            snprintf(quoted, sizeof(quoted), "`%s`", caustic_schema[block].key[key]);
            if (strstr(text, quoted) == NULL)
            {
                print_message("the reference does not mention %s of %s\n", quoted, caustic_schema[block].what);
                fail();
            }
        }
    }

    write_scratch("points.csv", "x,t\n1,2\n2,3\n");
    for (at = strstr(text, "```yaml\n"); at != NULL; at = strstr(at, "```yaml\n"))
    {
        char * end;
        reading r;

        at += 8;
        end = strstr(at, "```");
        assert_non_null(end);
        *end = 0;
        if (strncmp(at, "name:", 5) == 0)
        {
            begin_reading(&r, at, strlen(at), scratch_path("docs.yaml"));
            if (r.status != CAUSTIC_OK)
            {
                print_message("%s\n", at);
                show_error(r.error);
                fail();
            }
            setting_is_whole(r.result->setting);
            end_reading(&r);
            read++;
        }
        at = end + 1;
    }
    assert_true(read >= 3);
    flint_free(text);
}

/* Mutations **********************************************************************************/

static ulong
next_random(ulong * state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static const char * const pieces[] =
{
    "{", "}", "[", "]", "\"", "'", ":", ": ", "- ", "\n", "\n  ", "#", "&a ", "*a", "!!int ", "|\n", ">\n", "? ",
    "inf", "-inf", "1e9999", "(((", ")))", "--", "^", "/0", "nu", "u_z", "mean(", ",", "\\", "\\x00", "\xff", "\t",
    "name", "kind", "domain", "z", "0", "-1", "<<: ", "---\n", "...\n", "%", "euclidean", "\xe2\x82\xac"
};

static size_t
mutate(char * text, size_t length, size_t room, ulong * random)
{
    size_t from = length == 0 ? 0 : next_random(random) % length;
    size_t size = length == 0 ? 0 : 1 + next_random(random) % 12;
    const char * piece = pieces[next_random(random) % (sizeof(pieces) / sizeof(pieces[0]))];

    if (from + size > length)
    {
        size = length - from;
    }
    switch (next_random(random) % 6)
    {
        case 0:
            if (length > 0)
            {
                text[from] = (char) (text[from] ^ (1 << (next_random(random) % 8)));
            }
            break;
        case 1:
            memmove(text + from, text + from + size, length - from - size);
            length -= size;
            break;
        case 2:
            if (length + size <= room)
            {
                memmove(text + from + size, text + from, length - from);
                length += size;
            }
            break;
        case 3:
        case 4:
            size = strlen(piece);
            if (length + size <= room)
            {
                memmove(text + from + size, text + from, length - from);
                memcpy(text + from, piece, size);
                length += size;
            }
            break;
        default:
            if (next_random(random) % 8 == 0)
            {
                length = from;
            }
            else if (length > 0)
            {
                size_t other = next_random(random) % length;
                char c = text[from];

                text[from] = text[other];
                text[other] = c;
            }
            break;
    }
    return length;
}

static void
test_mutations(void ** state)
{
    const char * seeds[3] = {neuron_case, plane_case, block_case};
    const char * setting = getenv("CAUSTIC_TEST_SEED");
    const char * rounds_setting = getenv("CAUSTIC_TEST_MUTATIONS");
    ulong random = setting != NULL ? strtoul(setting, NULL, 10) : 20260618;
    slong rounds = rounds_setting != NULL ? strtol(rounds_setting, NULL, 10) : 4000;
    slong accepted = 0, refused = 0, i;
    size_t room = 8192;
    char * text = flint_malloc(room);

    (void) state;
    print_message("seed %lu\n", (unsigned long) random);
    random = random == 0 ? 1 : random;
    for (i = 0; i < rounds; i++)
    {
        const char * seed = seeds[i % 3];
        size_t length = strlen(seed);
        slong changes = 1 + (slong) (next_random(&random) % 3);
        char * exact;
        reading r;

        memcpy(text, seed, length);
        while (changes-- > 0)
        {
            length = mutate(text, length, room, &random);
        }
        /* A copy of the exact size, without a terminator, so that reading past it is found. */
        exact = malloc(length > 0 ? length : 1);
        memcpy(exact, text, length);
        begin_reading(&r, exact, length, scratch_path("mutated.yaml"));
        if (r.status == CAUSTIC_OK)
        {
            accepted++;
            assert_non_null(r.result->name);
            assert_non_null(r.result->architecture);
            setting_is_whole(r.result->setting);
        }
        else
        {
            refused++;
            assert_true(r.status == CAUSTIC_BAD_INPUT || r.status == CAUSTIC_IO_ERROR);
            assert_int_equal(r.error->code, r.status);
            assert_non_null(r.error->message);
            assert_true(strlen(r.error->message) > 0 && strlen(r.error->message) < 2000);
            assert_non_null(r.error->file);
            assert_true(r.status == CAUSTIC_IO_ERROR || (r.error->line >= 1 && r.error->column >= 1));
        }
        end_reading(&r);
        free(exact);
    }
    flint_free(text);
    print_message("%ld accepted, %ld refused\n", (long) accepted, (long) refused);
    assert_true(accepted > rounds / 100 && refused > rounds / 4);
}

static void
test_command_names(void ** state)
{
    (void) state;
    assert_string_equal(caustic_command_name(CAUSTIC_COMMAND_DERIVE), "derive");
    assert_string_equal(caustic_command_name(CAUSTIC_COMMAND_AUDIT), "audit");
    assert_string_equal(caustic_command_name(CAUSTIC_COMMAND_VERIFY), "verify");
    assert_string_equal(caustic_command_name(CAUSTIC_COMMAND_SHOCK), "shock");
    assert_string_equal(caustic_command_name(CAUSTIC_COMMAND_TABLE), "table");
    assert_string_equal(caustic_command_name(CAUSTIC_COMMANDS), "unknown");
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_command_names),
        cmocka_unit_test(test_neuron),
        cmocka_unit_test(test_written_out),
        cmocka_unit_test(test_plane),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_trivial_group),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_reduction_block),
        cmocka_unit_test(test_presets),
        cmocka_unit_test(test_data_block),
        cmocka_unit_test(test_loss),
        cmocka_unit_test(test_other_blocks),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_corpus),
        cmocka_unit_test(test_documentation),
        cmocka_unit_test(test_mutations)
    };
    int failed;

    failed = cmocka_run_group_tests(tests, make_scratch, remove_scratch);
    flint_cleanup_master();
    return failed;
}
