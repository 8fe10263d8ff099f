"""Makes a user pool by the platform's own template, and says as JSON what a server is told of it.

    python3 user_pool.py STACK TEMPLATE     needs boto3; the endpoints and the credentials are in the environment
"""
import json, os, sys
import boto3

stack, template = sys.argv[1:]
region = os.environ["AWS_REGION"]
stacks = boto3.client("cloudformation", region_name=region, endpoint_url=os.environ["IMEGHA_TEST_CLOUDFORMATION_ENDPOINT"])
stacks.create_stack(StackName=stack, TemplateBody=open(template).read(), Capabilities=["CAPABILITY_IAM"])
stacks.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]}
pool, client = outputs["UserPool"], outputs["UserPoolClient"]
cognito = boto3.client("cognito-idp", region_name=region, endpoint_url=os.environ["IMEGHA_TEST_COGNITO_ENDPOINT"])
described = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)
print(json.dumps({"pool": pool, "client": client, "secret": described["UserPoolClient"]["ClientSecret"]}))
