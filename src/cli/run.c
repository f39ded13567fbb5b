/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli.h"

typedef struct
{
    const cli_command * command;
    const cli_options * options;
    caustic_case_struct * cases;
    json_t ** records;
    slong length;
    slong next;          /* the next case to take, guarded by the lock */
    slong finished;
    struct timespec start;
    pthread_mutex_t lock;
}
work_struct;

int
exit_status_of(caustic_result result)
{
    switch (result)
    {
        case CAUSTIC_OK: return EXIT_ALL_PROVED;
        case CAUSTIC_BAD_USAGE: return EXIT_USAGE;
        case CAUSTIC_BAD_INPUT: return EXIT_BAD_INPUT;
        case CAUSTIC_UNSUPPORTED: return EXIT_BAD_INPUT;
        case CAUSTIC_NO_RESOURCES: return EXIT_UNDECIDED;
        case CAUSTIC_IO_ERROR: return EXIT_INPUT_OUTPUT;
        case CAUSTIC_INTERNAL: return EXIT_BUG;
    }

    return EXIT_BUG;
}

static double
seconds_since(const struct timespec * start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) (now.tv_sec - start->tv_sec) + 1e-9 * (double) (now.tv_nsec - start->tv_nsec);
}

/* One line on a terminal, rewritten as work goes on. */
static void
show_progress(const work_struct * work, const char * name)
{
    int done, width = 24;

    if (work->options->quiet || !isatty(STDERR_FILENO))
        return;

    done = (int) (width * work->finished / FLINT_MAX(work->length, 1));
    fprintf(stderr, "\r\033[K[");
    for (int i = 0; i < width; i++)
        fputc(i < done ? '#' : '.', stderr);
    fprintf(stderr, "] %ld/%ld %s", (long) work->finished, (long) work->length, name);
    if (work->finished == work->length)
        fprintf(stderr, "\r\033[K");
    fflush(stderr);
}

static json_t *
record_out_of_time(const caustic_case_struct * problem)
{
    json_t * record = json_object();

    json_object_set_new(record, "case", json_string(problem->name));
    json_object_set_new(record, "architecture", json_string(problem->architecture));
    json_object_set_new(record, "verdict", json_string(caustic_verdict_name(CAUSTIC_UNDECIDED)));
    json_object_set_new(record, "detail", json_string("the time limit was reached before the case was begun"));
    return record;
}

static json_t *
make_record(work_struct * work, const caustic_case_struct * problem)
{
    struct timespec start;
    json_t * record;

    if (work->options->time_limit > 0 && seconds_since(&work->start) > work->options->time_limit)
        return record_out_of_time(problem);

    clock_gettime(CLOCK_MONOTONIC, &start);
    record = work->command->make(problem, &work->options->run);

    if (record != NULL && work->options->run.timings)
        json_object_set_new(record, "seconds", json_real(seconds_since(&start)));

    return record;
}

static void *
worker(void * argument)
{
    work_struct * work = argument;

    for (;;)
    {
        slong i;

        pthread_mutex_lock(&work->lock);
        i = work->next++;
        if (i < work->length)
            show_progress(work, work->cases[i].name);
        pthread_mutex_unlock(&work->lock);

        if (i >= work->length)
            break;

        work->records[i] = make_record(work, work->cases + i);

        pthread_mutex_lock(&work->lock);
        work->finished++;
        show_progress(work, work->cases[i].name);
        pthread_mutex_unlock(&work->lock);
    }

    flint_cleanup();
    return NULL;
}

/* Cases are independent: each has its own pool of expressions and its own fields. */
static void
work_on_all(work_struct * work)
{
    long threads = FLINT_MIN(work->options->threads, FLINT_MAX(work->length, 1));
    pthread_t * others = flint_malloc((size_t) threads * sizeof(pthread_t));
    long started = 0;

    clock_gettime(CLOCK_MONOTONIC, &work->start);
    pthread_mutex_init(&work->lock, NULL);

    while (started < threads - 1 && pthread_create(others + started, NULL, worker, work) == 0)
        started++;
    worker(work);
    for (long i = 0; i < started; i++)
        pthread_join(others[i], NULL);

    pthread_mutex_destroy(&work->lock);
    flint_free(others);
}

/* Every case of every path is read before any work begins: a mistake in the last file should not
   come out after minutes. Returns the exit status of the first error, after messages for all. */
static int
load_all(work_struct * work)
{
    const cli_options * options = work->options;
    caustic_error_t error;
    caustic_text_t text;
    int status = 0;

    caustic_error_init(error);
    caustic_text_init(text);

    for (int p = 0; p < options->paths_length; p++)
    {
        char ** files = NULL;
        slong length = 0;
        caustic_result result = caustic_case_list(&files, &length, options->paths[p], error);

        for (slong f = 0; result == CAUSTIC_OK && f < length; f++)
        {
            caustic_case_struct * problem;
            caustic_result reading;

            work->cases = flint_realloc(work->cases, (size_t) (work->length + 1) * sizeof(caustic_case_struct));
            problem = work->cases + work->length++;
            reading = caustic_case_read(problem, files[f], error);

            if (reading != CAUSTIC_OK)
            {
                caustic_text_reset(text);
                caustic_error_print(text, error);
                cli_message("%s", text->data);
                status = status != 0 ? status : exit_status_of(reading);
            }
        }

        if (result != CAUSTIC_OK)
        {
            caustic_text_reset(text);
            caustic_error_print(text, error);
            cli_message("%s", text->data);
            status = status != 0 ? status : exit_status_of(result);
        }

        for (slong f = 0; f < length; f++)
            flint_free(files[f]);
        flint_free(files);
    }

    caustic_error_clear(error);
    caustic_text_clear(text);
    return status;
}

/* Gathers the records in the order of the cases; a case without the needed block is named. */
static json_t *
gather(work_struct * work, int * status)
{
    json_t * records = json_array();
    caustic_verdict verdict = CAUSTIC_PROVED;

    for (slong i = 0; i < work->length; i++)
    {
        if (work->records[i] == NULL)
        {
            if (!work->options->quiet)
                cli_message("%s: skipped by '%s', which needs %s", work->cases[i].file,
                    caustic_command_name(work->command->command), work->command->needs);
            continue;
        }

        verdict = caustic_verdict_and(verdict, caustic_report_outcome(work->records[i]));
        json_array_append_new(records, work->records[i]);
    }

    *status = verdict == CAUSTIC_PROVED ? EXIT_ALL_PROVED : verdict == CAUSTIC_REFUTED ? EXIT_REFUTED : EXIT_UNDECIDED;

    if (json_array_size(records) == 0)
    {
        cli_message("nothing to do: every case was skipped");
        *status = EXIT_USAGE;
    }

    return records;
}

static int
write_all_outputs(const work_struct * work, const json_t * records)
{
    const cli_options * options = work->options;
    int color = options->color && options->output == NULL && isatty(STDOUT_FILENO);
    caustic_text_t text;
    int status;

    caustic_text_init(text);
    caustic_report_write(text, records, work->command->command, options->format, color);
    status = cli_write(options->output, text);

    if (options->junit != NULL)
    {
        int junit_status;

        caustic_text_reset(text);
        caustic_report_junit(text, records, work->command->command);
        junit_status = cli_write(options->junit, text);
        status = status != 0 ? status : junit_status;
    }

    caustic_text_clear(text);
    return status;
}

int
cli_run(const cli_command * command, const cli_options * options)
{
    work_struct work;
    json_t * records;
    int status;

    memset(&work, 0, sizeof(work));
    work.command = command;
    work.options = options;
    status = load_all(&work);

    if (status == 0)
    {
        int verdicts;

        work.records = flint_calloc((size_t) FLINT_MAX(work.length, 1), sizeof(json_t *));
        work_on_all(&work);
        records = gather(&work, &verdicts);
        status = verdicts;
        if (status != EXIT_USAGE)
        {
            int writing = write_all_outputs(&work, records);

            status = writing != 0 ? writing : verdicts;
        }
        json_decref(records);
        flint_free(work.records);
    }

    for (slong i = 0; i < work.length; i++)
        caustic_case_clear(work.cases + i);
    flint_free(work.cases);
    return status;
}
