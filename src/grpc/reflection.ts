// What clients learn by reflection: files under their own names and with what they import, as `npm run generate` wrote
// them beside the protos (those that proto-loader makes of protos have other names, no imports and no maps, and clients
// cannot link them). The service itself is @grpc/reflection's.
import { readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Server } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

/** The contract with all that it imports, and the health service. */
const descriptorSets = ['descriptors.binpb', 'health.binpb'];

/** @param services the full names of those that are listed */
export function addReflection(server: Server, services: readonly string[]): void {
  const fileDescriptorProtos = descriptorSets.flatMap(filesOf);
  const files: PackageDefinition = {
    files: { format: 'Protocol Buffer 3 EnumDescriptorProto', type: {}, fileDescriptorProtos },
  };
  new ReflectionService(files, { services: [...services] }).addToServer(server);
}

function filesOf(name: string): Buffer[] {
  const bytes = readFileSync(new URL(`../../proto/${name}`, import.meta.url));
  const { file } = fromBinary(FileDescriptorSetSchema, bytes);
  return file.map((each) => Buffer.from(toBinary(FileDescriptorProtoSchema, each)));
}
