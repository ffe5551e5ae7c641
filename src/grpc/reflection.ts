// What clients learn by reflection: the files of the contract under their own names and with what they import, as
// `npm run generate` wrote them beside the protos. The service itself is @grpc/reflection's.
import { readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Server } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProtoPath } from 'grpc-health-check';

const descriptors = new URL('../../proto/descriptors.binpb', import.meta.url);

/** @param services the full names of those that are listed */
export function addReflection(server: Server, services: readonly string[]): void {
  const files = { ...loadSync(healthProtoPath), ...contractFiles() };
  new ReflectionService(files, { services: [...services] }).addToServer(server);
}

/** proto-loader gives its descriptors other file names and no imports, so those of the contract come from the compiler. */
function contractFiles(): PackageDefinition {
  const { file } = fromBinary(FileDescriptorSetSchema, readFileSync(descriptors));
  const fileDescriptorProtos = file.map((each) => Buffer.from(toBinary(FileDescriptorProtoSchema, each)));
  return { contract: { format: 'Protocol Buffer 3 EnumDescriptorProto', type: {}, fileDescriptorProtos } };
}
