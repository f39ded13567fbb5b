/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli.h"

/* A case that takes too long is given up: its record says so, and another thread takes the place of
   the one that cannot be stopped. All but the first three is guarded by the lock. */
typedef struct
{
    const cli_command * command;
    const cli_options * options;
    caustic_case_struct * cases;
    json_t ** records;
    slong length;
    slong next;               /* the next case to take */
    slong finished;           /* given up or done */
    slong abandoned;
    slong substitutes;        /* threads to be started for those that cannot be stopped */
    struct timespec * start;  /* of each case */
    char * state;             /* of each case */
    pthread_mutex_t lock;
    pthread_cond_t progress;
}
work_struct;

enum { CASE_WAITING = 0, CASE_BEGUN, CASE_DONE, CASE_ABANDONED };

int
exit_status_of(caustic_result result)
{
    switch (result)
    {
        case CAUSTIC_OK: return EXIT_ALL_PROVED;
        case CAUSTIC_BAD_USAGE: return EXIT_USAGE;
        case CAUSTIC_BAD_INPUT: return EXIT_BAD_INPUT;
        case CAUSTIC_UNSUPPORTED: return EXIT_BAD_INPUT;
        case CAUSTIC_NO_RESOURCES: return EXIT_BUG; /* memory, while reading: as wherever else it is missing */
        case CAUSTIC_IO_ERROR: return EXIT_INPUT_OUTPUT;
        case CAUSTIC_INTERNAL: return EXIT_BUG;
    }

    return EXIT_BUG;
}

double
cli_seconds_since(const struct timespec * start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) (now.tv_sec - start->tv_sec) + 1e-9 * (double) (now.tv_nsec - start->tv_nsec);
}

void
cli_show_progress(const cli_options * options, slong finished, slong length, const char * name)
{
    int done, width = 24;

    if (options->quiet || !isatty(STDERR_FILENO))
        return;

    done = (int) (width * finished / FLINT_MAX(length, 1));
    fprintf(stderr, "\r\033[K[");
    for (int i = 0; i < width; i++)
        fputc(i < done ? '#' : '.', stderr);
    fprintf(stderr, "] %ld/%ld %s", (long) finished, (long) length, name);
    if (finished == length)
        fprintf(stderr, "\r\033[K");
    fflush(stderr);
}

static void
show_progress(const work_struct * work, const char * name)
{
    cli_show_progress(work->options, work->finished, work->length, name);
}

static json_t *
record_out_of_time(const work_struct * work, const caustic_case_struct * problem)
{
    json_t * record = json_object();

    json_object_set_new(record, "case", json_string(problem->name));
    json_object_set_new(record, "architecture", json_string(problem->architecture));
    json_object_set_new(record, "verdict", json_string(caustic_verdict_name(CAUSTIC_UNDECIDED)));
    json_object_set_new(record, "detail", json_sprintf("given up after %g s, the time limit of a case (--time-limit)",
        work->options->time_limit));
    return record;
}

static json_t *
make_record(const work_struct * work, const caustic_case_struct * problem, const struct timespec * start)
{
    json_t * record = work->command->make(problem, &work->options->run);

    if (record != NULL && work->options->run.timings)
        json_object_set_new(record, "seconds", json_real(cli_seconds_since(start)));

    return record;
}

static void *
worker(void * argument)
{
    work_struct * work = argument;
    int abandoned = 0;

    pthread_mutex_lock(&work->lock);
    while (!abandoned && work->next < work->length)
    {
        slong i = work->next++;
        json_t * record;

        clock_gettime(CLOCK_MONOTONIC, work->start + i);
        work->state[i] = CASE_BEGUN;
        show_progress(work, work->cases[i].name);
        pthread_mutex_unlock(&work->lock);

        record = make_record(work, work->cases + i, work->start + i);

        pthread_mutex_lock(&work->lock);
        abandoned = work->state[i] == CASE_ABANDONED;
        if (!abandoned)
        {
            work->records[i] = record;
            work->state[i] = CASE_DONE;
            work->finished++;
            show_progress(work, work->cases[i].name);
            pthread_cond_signal(&work->progress);
        }
    }
    pthread_mutex_unlock(&work->lock);

    flint_cleanup();
    return NULL;
}

static int
start_worker(work_struct * work, pthread_t * thread)
{
    return pthread_create(thread, NULL, worker, work) == 0;
}

/* Gives up what has run too long. Returns the seconds until the next case may be; 0 where no case is left. */
static double
abandon_late_cases(work_struct * work)
{
    double limit = work->options->time_limit, wait = limit;
    pthread_t substitute;

    for (slong i = 0; i < work->next; i++)
    {
        double left;

        if (work->state[i] != CASE_BEGUN)
            continue;

        left = limit - cli_seconds_since(work->start + i);
        if (left > 0)
        {
            wait = FLINT_MIN(wait, left);
            continue;
        }

        work->records[i] = record_out_of_time(work, work->cases + i);
        work->state[i] = CASE_ABANDONED;
        work->abandoned++;
        work->finished++;
        show_progress(work, work->cases[i].name);
        work->substitutes++;
    }

    while (work->substitutes > 0 && work->next < work->length && start_worker(work, &substitute))
    {
        pthread_detach(substitute);
        work->substitutes--;
    }

    return work->finished < work->length ? wait : 0;
}

static void
wait_for_progress(work_struct * work, double seconds)
{
    struct timespec until;
    double whole = floor(seconds);

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t) whole;
    until.tv_nsec += (long) (1e9 * (seconds - whole)) + 1;
    if (until.tv_nsec >= 1000000000)
    {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&work->progress, &work->lock, &until);
}

/* Cases are independent: each has its own pool of expressions and its own fields. Returns 0 where
   no thread could be started. */
static int
work_on_all(work_struct * work)
{
    long threads = FLINT_MIN(work->options->threads, FLINT_MAX(work->length, 1));
    pthread_t * others = flint_malloc((size_t) threads * sizeof(pthread_t));
    long started = 0;
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&work->progress, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&work->lock, NULL);

    while (started < threads && start_worker(work, others + started))
        started++;

    pthread_mutex_lock(&work->lock);
    while (started > 0 && work->finished < work->length)
        wait_for_progress(work, abandon_late_cases(work));
    pthread_mutex_unlock(&work->lock);

    /* A thread with an abandoned case goes on for who knows how long; the end of the process ends it. */
    for (long i = 0; i < started && work->abandoned == 0; i++)
        pthread_join(others[i], NULL);

    flint_free(others);
    return started > 0;
}

int
cli_replaces_case(const cli_options * options, const char * file)
{
    const char * outputs[2] = {options->output, options->junit};

    for (int i = 0; i < 2; i++)
    {
        if (outputs[i] != NULL && cli_would_replace(outputs[i], file))
        {
            cli_message("%s is a case that is read; --%s would replace it", file, i == 0 ? "output" : "junit");
            return 1;
        }
    }

    return 0;
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
        {
            if (status == 0 && cli_replaces_case(options, files[f]))
                status = EXIT_USAGE;
            flint_free(files[f]);
        }
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

int
cli_write_records(const cli_options * options, const json_t * records, caustic_command command)
{
    int color = options->color && options->output == NULL && isatty(STDOUT_FILENO);
    caustic_text_t text;
    int status;

    caustic_text_init(text);
    caustic_report_write(text, records, command, options->format, color);
    status = cli_write(options->output, text);

    if (options->junit != NULL)
    {
        int junit_status;

        caustic_text_reset(text);
        caustic_report_junit(text, records, command);
        junit_status = cli_write(options->junit, text);
        status = status != 0 ? status : junit_status;
    }

    caustic_text_clear(text);
    return status;
}

static int
work_and_write(work_struct * work)
{
    size_t length = (size_t) FLINT_MAX(work->length, 1);
    int status = EXIT_BUG, writing;
    json_t * records;

    work->records = flint_calloc(length, sizeof(json_t *));
    work->start = flint_calloc(length, sizeof(struct timespec));
    work->state = flint_calloc(length, 1);

    if (!work_on_all(work))
    {
        cli_message("no thread could be started: %s", strerror(errno));
    }
    else
    {
        records = gather(work, &status);
        if (status != EXIT_USAGE)
        {
            writing = cli_write_records(work->options, records, work->command->command);
            status = writing != 0 ? writing : status;
        }
        json_decref(records);
    }

    if (work->abandoned == 0)
    {
        flint_free(work->records);
        flint_free(work->start);
        flint_free(work->state);
    }
    return status;
}

int
cli_run(const cli_command * command, const cli_options * options)
{
    work_struct work;
    int status;

    memset(&work, 0, sizeof(work));
    work.command = command;
    work.options = options;
    status = load_all(&work);

    /* hours of work should not end at a place that cannot be written to */
    if (status == 0)
        status = cli_try_writing(options->output);
    if (status == 0)
        status = cli_try_writing(options->junit);
    if (status == 0)
        status = work_and_write(&work);

    /* The threads of abandoned cases still read what would be freed now. */
    if (work.abandoned > 0)
    {
        fflush(NULL);
        _exit(status);
    }

    for (slong i = 0; i < work.length; i++)
        caustic_case_clear(work.cases + i);
    flint_free(work.cases);
    return status;
}
