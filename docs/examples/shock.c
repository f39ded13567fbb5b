/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    A sample program: reads a case file and prints its certified shock time.
*/

#include <stdio.h>
#include <caustic/case.h>
#include <caustic/shock.h>

/* The case's question in the terms of caustic/shock.h. */
static void
pose(caustic_shock_problem * question, const caustic_case_t problem, const caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = problem->setting;

    question->pool = setting->pool;
    question->z = setting->coordinate[0];
    question->domain[0] = setting->coordinate_domain[0];
    question->cometric = reduction->cometric_expr[0];
    question->loss = reduction->loss;
    question->box[0] = problem->shock.box[0];
    question->digits = problem->shock.digits;
    question->precision_limit = 100000;
    question->box_limit = 200000;
    question->claimed_time = CAUSTIC_NONE;
    question->claimed_at = CAUSTIC_NONE;
    question->claimed_none = 0;
}

static void
print_answer(const caustic_shock_result_t answer, slong digits)
{
    caustic_text_t text;

    caustic_text_init(text);
    if (answer->verdict == CAUSTIC_PROVED && answer->shock)
    {
        caustic_print_lower(text, answer->time, digits + 2);
        caustic_text_append(text, " <= T* <= ");
        caustic_print_upper(text, answer->time, digits + 2);
    }
    else if (answer->verdict == CAUSTIC_PROVED)
        caustic_text_append(text, "no shock");

    printf("%s %s\n(%s)\n", caustic_verdict_name(answer->verdict), text->data, answer->detail);
    caustic_text_clear(text);
}

/* The quotient first: a shock time of an action that is not what it claims to be means nothing. */
static int
answer_case(const caustic_case_t problem)
{
    caustic_reduction_t reduction;
    caustic_shock_problem question;
    caustic_shock_result_t answer;
    int proved;

    if (!problem->shock.present || problem->shock.scope != CAUSTIC_SCOPE_GLOBAL
        || problem->setting->loss == CAUSTIC_NONE || problem->setting->coordinates != 1)
    {
        fprintf(stderr, "the sample needs a loss, a block 'shock' and one coordinate\n");
        return 0;
    }

    caustic_reduction_init(reduction, problem->setting);
    caustic_shock_result_init(answer);

    proved = caustic_checks_verdict(reduction->checks) == CAUSTIC_PROVED;
    if (proved)
    {
        pose(&question, problem, reduction);
        caustic_shock_global_1d(answer, &question);
        print_answer(answer, question.digits);
        proved = answer->verdict == CAUSTIC_PROVED;
    }
    else
        fprintf(stderr, "the reduction is not proved\n");

    caustic_shock_result_clear(answer);
    caustic_reduction_clear(reduction);
    return proved;
}

int
main(int argc, char ** argv)
{
    caustic_error_t error;
    caustic_case_t problem;
    caustic_text_t message;
    int proved = 0;

    if (argc != 2)
    {
        fprintf(stderr, "usage: %s CASE\n", argv[0]);
        return 64;
    }

    caustic_error_init(error);
    caustic_text_init(message);

    if (caustic_case_read(problem, argv[1], error) == CAUSTIC_OK)
        proved = answer_case(problem);
    else
    {
        caustic_error_print(message, error);
        fprintf(stderr, "%s\n", message->data);
    }

    caustic_case_clear(problem);
    caustic_text_clear(message);
    caustic_error_clear(error);
    flint_cleanup_master();
    return proved ? 0 : 1;
}
