using CdcDms.Local.Workflow;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.ConsoleServer;

/// <summary>What the console answers about the workflow, where it knows one.</summary>
/// <param name="places">What it tells of.</param>
internal sealed class WorkflowApi(ConsolePlaces places)
{
    /// <summary><c>/api/workflow</c></summary>
    public Task WorkflowAsync(HttpContext http) => WithWorkflowAsync(http, async workflow =>
        await ConsoleAnswers.JsonAsync(
            http,
            new ConsoleWorkflow(await workflow.MachinesAsync(http.RequestAborted), await workflow.ExecutionsAsync(http.RequestAborted)),
            ConsoleJson.Default.ConsoleWorkflow));

    /// <summary><c>/api/workflow/executions</c></summary>
    public Task ExecutionsAsync(HttpContext http) => WithWorkflowAsync(http, async workflow =>
        await ConsoleAnswers.JsonAsync(
            http, new ConsoleExecutions(await workflow.ExecutionsAsync(http.RequestAborted)), ConsoleJson.Default.ConsoleExecutions));

    /// <summary><c>/api/workflow/executions/ID</c></summary>
    public Task CourseAsync(HttpContext http) => WithWorkflowAsync(http, async workflow =>
    {
        var id = (string)http.Request.RouteValues["id"]!;
        if (await workflow.CourseAsync(id, http.RequestAborted) is { } course)
            await ConsoleAnswers.JsonAsync(http, course, ConsoleJson.Default.ExecutionCourse);
        else
            await ConsoleAnswers.FailAsync(
                http, StatusCodes.Status404NotFound, $"No execution '{id}' is known, or not any more: only the newest are kept.");
    });

    private Task WithWorkflowAsync(HttpContext http, Func<IWorkflowWatch, Task> answerAsync) => places.Workflow is { } workflow
        ? answerAsync(workflow)
        : ConsoleAnswers.FailAsync(
            http, StatusCodes.Status404NotFound,
            "This console knows no workflow: up and demo --keep start one that shows what they run, and --env NAME shows an "
                + "environment's.");
}

/// <summary><c>/api/workflow</c></summary>
/// <param name="Machines">The state machines, that over all tables first; none while they are not known yet.</param>
/// <param name="Executions">The executions that run and the last that ended, the newest first.</param>
internal sealed record ConsoleWorkflow(IReadOnlyList<MachineGraph> Machines, IReadOnlyList<WorkflowExecution> Executions);

/// <summary><c>/api/workflow/executions</c></summary>
internal sealed record ConsoleExecutions(IReadOnlyList<WorkflowExecution> Executions);
