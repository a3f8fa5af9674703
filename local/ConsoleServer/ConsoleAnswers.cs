using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CdcDms.Contract;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.ConsoleServer;

/// <summary>How the console answers: JSON, or one sentence.</summary>
internal static class ConsoleAnswers
{
    /// <summary>Answers with JSON.</summary>
    public static Task JsonAsync<T>(HttpContext http, T answer, JsonTypeInfo<T> form)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(http.Response.Body, answer, form, http.RequestAborted);
    }

    /// <summary>Answers with a sentence: as JSON to a program, as text to a person.</summary>
    public static Task FailAsync(HttpContext http, int status, string sentence)
    {
        http.Response.StatusCode = status;
        if (http.Request.Path.StartsWithSegments("/api"))
            return JsonAsync(http, new ConsoleFailure(sentence), ConsoleJson.Default.ConsoleFailure);
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(sentence, http.RequestAborted);
    }

    /// <summary>Passes a request on; what fails is answered as a sentence.</summary>
    public static async Task TellAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (CdcDmsException fault) when (!http.Response.HasStarted)
        {
            var status = fault.Kind switch
            {
                ErrorKind.BadDefinition => StatusCodes.Status400BadRequest,
                ErrorKind.Conflict => StatusCodes.Status409Conflict,
                _ => StatusCodes.Status503ServiceUnavailable,
            };
            await FailAsync(http, status, fault.Message);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer.
        }
        catch (Exception fault) when (!http.Response.HasStarted)
        {
            await FailAsync(http, StatusCodes.Status500InternalServerError, Defect.Told("What was asked for", fault));
        }
    }
}
