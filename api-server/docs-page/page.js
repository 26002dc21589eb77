// The page at /docs: the API's description, to read and to try. What is tried goes to this server and to no other.
SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  operationsSorter: 'alpha',
  validatorUrl: null,
  persistAuthorization: false,
});
