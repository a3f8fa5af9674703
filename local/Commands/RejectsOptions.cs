using System.CommandLine;
using CdcDms.Contract;
using CdcDms.Contract.Lake;

namespace CdcDms.Local.Commands;

/// <summary>What the verbs of <c>rejects</c> take alike.</summary>
internal static class RejectsOptions
{
    /// <summary>An option that names a generation.</summary>
    public static Option<int?> Generation(string description)
    {
        var option = new Option<int?>("--generation") { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) is < 1 or > LakeLayout.MostGenerations)
                result.AddError($"--generation must be between 1 and {LakeLayout.MostGenerations}.");
        });
        return option;
    }

    /// <summary>An argument of any number of objects.</summary>
    public static Argument<string[]> Keys(string description) =>
        new("KEY") { Description = description, Arity = ArgumentArity.ZeroOrMore };

    /// <summary>The key of an object that is named, by key or address.</summary>
    /// <exception cref="CdcDmsException">No object of that name keeps rejected messages.</exception>
    public static string RejectsKeyOf(this LakeUri lake, string named)
    {
        var key = named.StartsWith("s3://", StringComparison.Ordinal) ? named[(named.IndexOf('/', "s3://".Length) + 1)..] : named;
        return lake.GenerationOfRejects(key) is not null ? key : throw new CdcDmsException(
            ErrorKind.BadDefinition, $"{named} is no object with messages of a stream: name one by the key that rejects list shows.");
    }
}
