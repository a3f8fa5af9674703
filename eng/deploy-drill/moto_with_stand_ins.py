"""moto's server, with its gaps mended that would stop these stacks: python3 moto_with_stand_ins.py -H 127.0.0.1 -p PORT

Where moto lacks a resource type, a stand-in takes its place: its reference and attributes resolve, it does nothing. Custom resources are
among them, so no function runs. What moto knows and nevertheless cannot make or change gets a stand-in too, and is told as a gap.
One line of standard error is told for each: "stand-in TYPE LOGICAL" or "gap TYPE LOGICAL: why".
"""

import sys
import warnings

warnings.filterwarnings("ignore")

from moto.cloudformation import models, parsing
from moto.ec2.models import ec2_backends
from moto.utilities import tagging_service


class StandIn:
    """A resource that only has a name."""

    def __init__(self, kind, logical, region, account):
        self.type = self.cf_resource_type = kind
        self.logical_resource_id = logical
        service = kind.split("::")[1].lower() if kind.startswith("AWS::") else "custom"
        self.arn = f"arn:aws:{service}:{region}:{account}:{kind.split('::')[-1].lower()}:{logical.upper()}"
        self.physical_resource_id = self.arn if service in ("dms", "secretsmanager") else logical
        self.status = "CREATE_COMPLETE"

    def get_cfn_attribute(self, name):
        return self.arn if name == "Arn" else f"{self.logical_resource_id}.{name}"

    def is_created(self):
        return True

    def delete(self, *_):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return None


def tell(line):
    print(line, file=sys.stderr, flush=True)


def is_unknown(kind):
    return kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource" or parsing.resource_class_from_type(kind) is None


def or_stand_in(make):
    """Makes or changes a resource; where moto cannot, a stand-in takes its place, after its properties were resolved."""

    def made(logical_id, resource_json, resources_map, account_id, region_name):
        kind = resource_json["Type"]
        known = resources_map._parsed_resources.get(logical_id)
        if is_unknown(kind) or isinstance(known, StandIn):
            tell(f"stand-in {kind} {logical_id}")
        else:
            try:
                resource = make(logical_id, resource_json, resources_map, account_id, region_name)
                if resource is not None or "Condition" in resource_json:
                    return resource
                tell(f"gap {kind} {logical_id}: moto cannot change it, so it stays as it was")
                return known
            except Exception as fault:
                tell(f"gap {kind} {logical_id}: {type(fault).__name__} {fault}".replace("\n", " "))
                if known is not None:
                    return known
        parsing.clean_json(resource_json.get("Properties", {}), resources_map)
        return StandIn(kind, logical_id, region_name, account_id)

    return made


parsing.parse_and_create_resource = or_stand_in(parsing.parse_and_create_resource)
parsing.parse_and_update_resource = or_stand_in(parsing.parse_and_update_resource)

# moto keeps route tables when their stack goes, and then the network cannot go.
_delete_resource = parsing.ResourceMap._delete_resource


def delete_resource(self, resource, resource_json):
    if resource_json["Type"] == "AWS::EC2::RouteTable":
        ec2_backends[self._account_id][self._region_name].route_tables.pop(resource.physical_resource_id, None)
    else:
        _delete_resource(self, resource, resource_json)


parsing.ResourceMap._delete_resource = delete_resource

# KMS names the parts of a tag otherwise than CloudFormation does.
_tag_resource = tagging_service.TaggingService.tag_resource


def tag_resource(self, arn, tags):
    def renamed(tag):
        return {self.key_name: tag.get("Key", tag.get("TagKey")), self.value_name: tag.get("Value", tag.get("TagValue"))}

    return _tag_resource(self, arn, [tag if self.key_name in tag else renamed(tag) for tag in tags or []])


tagging_service.TaggingService.tag_resource = tag_resource

# moto remembers no parameter whose default was taken, and fails when an update asks for its previous value.
_resolve_update_parameters = models.CloudFormationBackend._resolve_update_parameters


def resolve_update_parameters(self, instance, incoming_params):
    known = [parameter for parameter in incoming_params
             if not parameter.get("UsePreviousValue") or parameter["ParameterKey"] in instance.parameters]
    return _resolve_update_parameters(self, instance, known)


models.CloudFormationBackend._resolve_update_parameters = resolve_update_parameters

# moto forgets the outputs and exports of what a change set has made.
_execute_change_set = models.CloudFormationBackend.execute_change_set


def execute_change_set(self, change_set_name, stack_name=None):
    done = _execute_change_set(self, change_set_name, stack_name)
    for stack in self.stacks.values():
        stack.output_map = stack._create_output_map()
        for export in stack.exports:
            self.exports[export.name] = export
    return done


models.CloudFormationBackend.execute_change_set = execute_change_set

from moto.server import main

main(sys.argv[1:])
