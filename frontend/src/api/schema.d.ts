/** Written by hand from contract §6 until the OpenAPI document is there; `npm run types` replaces it. */
export interface paths {
  "/v1/deployments": {
    get: {
      parameters: { query?: { status?: string; limit?: number; cursor?: string } };
      responses: { 200: { content: { "application/json": components["schemas"]["DeploymentPage"] } } };
    };
    post: {
      requestBody: { content: { "application/json": components["schemas"]["CreateDeployment"] } };
      responses: { 202: { content: { "application/json": components["schemas"]["Deployment"] } } };
    };
  };
}
export interface components {
  schemas: Record<string, unknown>;
}
