"""Makes a bucket that a web app's pages may read and write, and tables, as the templates of a personal cloud and of a platform do.

    python3 storage.py BUCKET ORIGIN TABLE...     needs boto3; the endpoints and the credentials are in the environment
"""
import os, sys
import boto3

bucket, origin, *tables = sys.argv[1:]
region = os.environ["AWS_REGION"]
s3 = boto3.client("s3", region_name=region, endpoint_url=os.environ["IMEGHA_TEST_S3_ENDPOINT"])
s3.create_bucket(Bucket=bucket)
s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [{
    "AllowedOrigins": [origin],
    "AllowedMethods": ["GET", "PUT"],
    "AllowedHeaders": ["range", "if-none-match", "x-amz-checksum-crc32"],
    "ExposeHeaders": ["Content-Length", "Content-Range"],
    "MaxAgeSeconds": 7200,
}]})
keys = [("pk", "HASH"), ("sk", "RANGE")]
dynamodb = boto3.client("dynamodb", region_name=region, endpoint_url=os.environ["IMEGHA_TEST_DYNAMODB_ENDPOINT"])
for table in tables:
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "B"} for name, _ in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=table)
