/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Presets: what each available one writes, and what a wrong option is told.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <caustic/architectures.h>
#include "../src/architectures/words.h"

typedef struct
{
    caustic_pool * pool;
    caustic_setting_t setting;
    caustic_error_t error;
    caustic_result status;
}
expansion;

static void
begin(expansion * x, const char * kind, const caustic_preset_option * options, slong length)
{
    caustic_origin origin = {"test.yaml", 3, 7};

    x->pool = caustic_pool_new();
    caustic_setting_init(x->setting, x->pool);
    caustic_error_init(x->error);
    x->status = caustic_preset_expand(x->setting, x->pool, kind, options, length, &origin, x->error);
}

static void
end(expansion * x)
{
    caustic_setting_clear(x->setting);
    caustic_pool_free(x->pool);
    caustic_error_clear(x->error);
}

/* The expression is the node that the text parses to. */
static void
is(const expansion * x, caustic_expr e, const char * text)
{
    char * string;

    assert_int_not_equal(e, CAUSTIC_NONE);
    string = caustic_expr_string(x->pool, e);
    assert_string_equal(string, text);
    flint_free(string);
}

static void
check_chain(slong depth)
{
    expansion x;
    caustic_preset_option option = {"depth", 0, NULL, 3, 9};
    const caustic_setting_struct * s = x.setting;
    caustic_expr product;
    char text[64];
    slong i, j;

    option.integer = depth;
    begin(&x, "relu-chain", &option, 1);
    assert_int_equal(x.status, CAUSTIC_OK);
    assert_int_equal(s->parameters, depth);
    assert_int_equal(s->generators, depth - 1);
    assert_int_equal(s->elements, 0);
    assert_int_equal(s->coordinates, 1);
    assert_int_equal(s->strata, 0);
    assert_int_equal(s->loss, CAUSTIC_NONE);
    product = caustic_integer(x.pool, 1);
    for (i = 0; i < depth; i++)
    {
        snprintf(text, sizeof(text), "w%ld", (long) i + 1);
        is(&x, s->parameter[i], text);
        assert_true(caustic_expr_is_positive_symbol(x.pool, s->parameter[i]));
        assert_true(caustic_interval_is_positive(s->parameter_domain + i));
        assert_true(s->parameter_domain[i].upper_infinite);
        product = caustic_mul(x.pool, product, s->parameter[i]);
        for (j = 0; j < depth; j++)
        {
            snprintf(text, sizeof(text), "w%ld^2", (long) i + 1);
            is(&x, s->inverse_metric[i * depth + j], i == j ? text : "0");
        }
        is(&x, s->section[i], i == depth - 1 ? "z" : "1");
    }
    for (i = 0; i < depth - 1; i++)
    {
        for (j = 0; j < depth; j++)
        {
            snprintf(text, sizeof(text), j == i ? "-w%ld" : "w%ld", (long) j + 1);
            is(&x, s->generator[i * depth + j], (j == i || j == i + 1) ? text : "0");
        }
    }
    assert_int_equal(s->invariant[0], product);
    is(&x, s->coordinate[0], "z");
    assert_true(caustic_expr_is_positive_symbol(x.pool, s->coordinate[0]));
    assert_true(caustic_interval_is_positive(s->coordinate_domain));
    end(&x);
}

static void
test_relu_chain(void ** state)
{
    (void) state;
    check_chain(2);
    check_chain(3);
    check_chain(17);
}

/* The largest chain is made in a moment. */
static void
test_long_chain(void ** state)
{
    expansion x;
    caustic_preset_option option = {"depth", 2000, NULL, 3, 9};

    (void) state;
    begin(&x, "relu-chain", &option, 1);
    assert_int_equal(x.status, CAUSTIC_OK);
    is(&x, x.setting->section[1999], "z");
    is(&x, x.setting->generator[1998 * 2000 + 1999], "w2000");
    end(&x);
}

static void
test_relu_neuron(void ** state)
{
    expansion x;
    caustic_preset_option options[2] = {{"inputs", 1, NULL, 3, 9}, {"outputs", 1, NULL, 3, 19}};
    const caustic_setting_struct * s = x.setting;
    slong length;

    (void) state;
    for (length = 1; length <= 2; length++)
    {
        begin(&x, "relu-neuron", options, length);
        assert_int_equal(x.status, CAUSTIC_OK);
        assert_int_equal(s->parameters, 2);
        assert_int_equal(s->generators, 1);
        assert_int_equal(s->coordinates, 1);
        is(&x, s->parameter[0], "a");
        is(&x, s->parameter[1], "w");
        is(&x, s->inverse_metric[0], "a^2");
        is(&x, s->inverse_metric[1], "0");
        is(&x, s->inverse_metric[2], "0");
        is(&x, s->inverse_metric[3], "w^2");
        is(&x, s->generator[0], "-a");
        is(&x, s->generator[1], "w");
        assert_int_equal(s->invariant[0], caustic_mul(x.pool, s->parameter[0], s->parameter[1]));
        is(&x, s->section[0], "1");
        is(&x, s->section[1], "z");
        end(&x);
    }
}

static void
refuse(const char * kind, const caustic_preset_option * options, slong length, slong line, slong column,
    const char * fragment)
{
    expansion x;

    begin(&x, kind, options, length);
    assert_int_equal(x.status, CAUSTIC_BAD_INPUT);
    if (strstr(x.error->message, fragment) == NULL)
    {
        print_message("%s: %s\n", fragment, x.error->message);
        fail();
    }
    assert_string_equal(x.error->file, "test.yaml");
    assert_int_equal(x.error->line, line);
    assert_int_equal(x.error->column, column);
    end(&x);
}

static void
test_refusals(void ** state)
{
    caustic_preset_option options[2] = {{"depth", 2, NULL, 4, 9}, {"depth", 2, NULL, 5, 19}};

    (void) state;
    refuse("relu-chian", options, 1, 3, 7, "did you mean 'relu-chain'");
    refuse("unheard-of", options, 1, 3, 7, "available: relu-chain, relu-neuron");
    refuse("particles", options, 1, 3, 7, "not available yet");
    refuse("relu-chain", options, 0, 3, 7, "needs the key depth");
    refuse("relu-chain", options, 2, 5, 19, "given twice");
    refuse("relu-neuron", options, 1, 4, 9, "its keys are: kind, inputs, outputs");
    options[0].integer = 1;
    refuse("relu-chain", options, 1, 4, 9, "from 2 to 2000; found 1");
    options[0].integer = -3;
    refuse("relu-chain", options, 1, 4, 9, "found -3");
    options[0].integer = 2001;
    refuse("relu-chain", options, 1, 4, 9, "found 2001");
    options[0].integer = WORD_MAX;
    refuse("relu-chain", options, 1, 4, 9, "from 2 to 2000");
    options[0].word = "two";
    refuse("relu-chain", options, 1, 4, 9, "found a word");
    options[0].word = NULL;
    options[0].key = "inputs";
    options[0].integer = 2;
    refuse("relu-neuron", options, 1, 4, 9, "inputs: 1 only");
}

/* Each kind is known, belongs to an architecture, and is available or says that it is not. */
static void
test_kinds(void ** state)
{
    const char * const * kinds = caustic_preset_kinds();
    caustic_origin origin = {"test.yaml", 3, 7};
    caustic_error_t error;
    slong available = 0, i;

    (void) state;
    caustic_error_init(error);
    for (i = 0; kinds[i] != NULL; i++)
    {
        assert_non_null(caustic_preset_architecture(kinds[i]));
        if (caustic_preset_check(kinds[i], &origin, error) == CAUSTIC_OK)
        {
            available++;
        }
        else
        {
            assert_non_null(strstr(error->message, "not available yet"));
        }
    }
    assert_int_equal(i, 12);
    assert_int_equal(available, 2);
    assert_null(caustic_preset_architecture("unheard-of"));
    assert_int_equal(caustic_preset_check("unheard-of", &origin, error), CAUSTIC_BAD_INPUT);
    caustic_error_clear(error);
}

static void
test_closest_word(void ** state)
{
    static const char * const words[] = {"loss", "shock", "optimiser", "box"};

    (void) state;
    assert_int_equal(caustic_word_closest("los", words, 4), 0);
    assert_int_equal(caustic_word_closest("lsos", words, 4), 0);
    assert_int_equal(caustic_word_closest("LOSS", words, 4), 0);
    assert_int_equal(caustic_word_closest("shok", words, 4), 1);
    assert_int_equal(caustic_word_closest("optimizer", words, 4), 2);
    assert_int_equal(caustic_word_closest("bx", words, 4), 3);
    assert_int_equal(caustic_word_closest("", words, 4), -1);
    assert_int_equal(caustic_word_closest("wibble", words, 4), -1);
    assert_int_equal(caustic_word_closest("a-word-that-is-much-longer-than-any-word-of-a-schema", words, 4), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_relu_chain),
        cmocka_unit_test(test_long_chain),
        cmocka_unit_test(test_relu_neuron),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_closest_word)
    };
    int failed;

    failed = cmocka_run_group_tests(tests, NULL, NULL);
    flint_cleanup_master();
    return failed;
}
