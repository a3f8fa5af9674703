using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using CdcDms.Local.Commands;
using CdcDms.Local.Views;
using Spectre.Console;

namespace CdcDms.Local.Tests.Commands;

/// <summary>
/// Runs verbs in the tests' own process, several at once, each with the console to itself. A process takes longer to start than most verbs
/// to do their work; those that are killed, get signals or have variables of their own are started in one.
/// </summary>
internal static class VerbConsole
{
    private static readonly AsyncLocal<(TextWriter Output, TextWriter Errors)?> Printed = new();

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        Printed.Value = (TextWriter.Synchronized(output), TextWriter.Synchronized(errors));
        var exitCode = await Task.Run(() => CommandRun.InvokeAsync(Verbs.Create(), arguments));
        return (exitCode, output.ToString(), errors.ToString());
    }

    /// <summary>Prepares the console as the program does that is piped, and leaves that of the tests as it is.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The first use of the screen decides whether it is a terminal.")]
    internal static void Open()
    {
        var (output, errors) = (Console.Out, Console.Error);
        Console.SetOut(new VerbWriter(output, () => Printed.Value?.Output));
        Console.SetError(new VerbWriter(errors, () => Printed.Value?.Errors));
        AnsiConsole.Profile.Capabilities.Interactive = false;
        Screen.Open();
        var (ofVerbs, errorsOfVerbs) = (Console.Out, Console.Error);
        Console.SetOut(new VerbWriter(output, () => Printed.Value is null ? null : ofVerbs));
        Console.SetError(new VerbWriter(errors, () => Printed.Value is null ? null : errorsOfVerbs));
    }

    /// <summary>Writes for the verb that runs, or for the tests while none does.</summary>
    private sealed class VerbWriter(TextWriter tests, Func<TextWriter?> verb) : TextWriter
    {
        private TextWriter Inner => verb() ?? tests;

        public override Encoding Encoding => tests.Encoding;

        public override void Write(char value) => Inner.Write(value);

        public override void Write(string? value) => Inner.Write(value);

        public override void Write(char[] buffer, int index, int count) => Inner.Write(buffer, index, count);

        public override void Flush() => Inner.Flush();
    }
}
