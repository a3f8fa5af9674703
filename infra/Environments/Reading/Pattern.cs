namespace CdcDms.Infra.Environments.Reading;

/// <summary>What a text must look like, and how to say it.</summary>
internal sealed record Pattern(string Expression, string What)
{
    public static readonly Pattern Account = new(@"\d{12}", "an AWS account id of 12 digits");
    public static readonly Pattern Region = new(@"[a-z]{2,4}(-[a-z]+)+-\d", "an AWS region, such as eu-central-1");
    public static readonly Pattern Zone = new(@"[a-z]{2,4}(-[a-z]+)+-\d[a-z]", "an availability zone, such as eu-central-1a");
    public static readonly Pattern Vpc = new(@"vpc-[0-9a-f]{8,17}", "a VPC id, such as vpc-0123456789abcdef0");
    public static readonly Pattern Subnet = new(@"subnet-[0-9a-f]{8,17}", "a subnet id, such as subnet-0123456789abcdef0");
    public static readonly Pattern SecurityGroup = new(@"sg-[0-9a-f]{8,17}", "a security group id, such as sg-0123456789abcdef0");
    public static readonly Pattern PrefixList = new(@"pl-[0-9a-f]{8,17}", "a prefix list's id, such as pl-0123456789abcdef0");
    public static readonly Pattern Cidr = new(
        @"(\d{1,3}\.){3}\d{1,3}/([1-9]|[12]\d|3[0-2])",
        "an address range other than the whole internet, such as 10.0.0.0/16");
    public static readonly Pattern Host = new(@"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", "a host name");
    public static readonly Pattern Place = new(@".+:\d{1,5}/.+", "a database, as host:port/database");
    public static readonly Pattern Secret = new(
        @"arn:aws(-[a-z]+)*:secretsmanager:[a-z0-9-]+:\d{12}:secret:(rds!)?[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}",
        "the ARN of a secret, with the six characters at its end");
    public static readonly Pattern SecretWithHost = new(
        @"arn:aws(-[a-z]+)*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}",
        "the ARN of a secret that holds host and port too, with the six characters at its end; one that RDS manages (rds!…) does not");
    public static readonly Pattern Key = new(
        @"arn:aws(-[a-z]+)*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+",
        "the ARN of a KMS key (not of an alias)");
    public static readonly Pattern Tag = new(
        @"(?!aws:)[\w .:/=+@-]{1,128}",
        "a tag's name: at most 128 characters, and not one of AWS's own");
    public static readonly Pattern ManagedPolicy = new(
        @"arn:aws(-[a-z]+)*:iam::(\d{12}|aws):policy/[A-Za-z0-9/_+=,.@-]+",
        "the ARN of a managed policy");
    public static readonly Pattern RolePath = new(@"/([A-Za-z0-9_+=,.@-]+/)+", "a path with slashes at both ends, such as /data/");
    public static readonly Pattern Repository = new(
        @"[A-Za-z0-9](-?[A-Za-z0-9])*/[A-Za-z0-9_.-]+",
        "a GitHub repository, as owner/name");
    public static readonly Pattern GithubSubject = new(
        @"repo:[A-Za-z0-9_.@-]+/[A-Za-z0-9_.@-]+",
        "the beginning of a subject of GitHub's tokens up to the repository, such as repo:octo-org@123/pipeline@456");
    public static readonly Pattern Bucket = new(@"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "a bucket's name");
    public static readonly Pattern RdsInstance = new(@"[a-z](-?[a-z0-9]){0,62}", "the identifier of an RDS instance");
    public static readonly Pattern RdsCluster = new(@"[a-z](-?[a-z0-9]){0,62}", "the identifier of an Aurora cluster");
    public static readonly Pattern RdsClass = new(@"db\.[a-z0-9]+\.[a-z0-9]+", "an RDS instance class, such as db.t4g.micro");
    public static readonly Pattern Folder = new(@"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", "a folder without slashes at its ends");
    public static readonly Pattern Version = new(@"\d+\.\d+\.\d+", "a DMS engine version, such as 3.6.1");
    public static readonly Pattern Slot = new(@"[a-z0-9_]{1,63}", "a replication slot's name: lower-case letters, digits, underscores");
    public static readonly Pattern Lsn = new(@"[0-9A-F]{1,8}/[0-9A-F]{1,8}", "a log sequence number, such as 4AF/B00000D0");
    public static readonly Pattern Table = new(@".+\..+", "a source table, as schema.name");
    public static readonly Pattern Destination = new(
        @"[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+|https://\S+|arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+",
        "an e-mail address, an https:// endpoint or the ARN of an SNS topic");
    public static readonly Pattern Page = new(@"https://[^\s#'{}\\]+", "the https:// address of a page, without a section");
    public static readonly Pattern PemFile = new(@"(?!.*\.\.)[A-Za-z0-9_./-]+\.pem", "the path of a .pem file below infra/Environments");
}
